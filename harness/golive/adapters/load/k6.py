"""Writes a load as a script for k6: arrivals at a rate, and thresholds that nothing passes empty.

Each stage is a scenario of its own: k6 has thresholds of scenarios, but none of stages.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from math import ceil, floor
from typing import Any

from golive.model.load.shape import Stage, seconds_of
from golive.model.load.traffic import LoadPlan
from golive.model.slo import Slo
from golive.model.target import ExpectedAnswer, Webhook

GATEWAY = Webhook(
    path="/api/webhooks/emp",
    password_env="WEBHOOK_PASSWORD",  # noqa: S106 - a variable's name
    new=ExpectedAnswer(body="<notification_echo><unique_id>{unique_id}</unique_id>"),
)
"""The webhook as the epic has it, for scripts without a target file."""

SLOW_SECONDS = 2.0
"""So long may every answer take before k6 has to make further virtual users."""

FEWEST_SHARE = 0.99
"""How much of what is due must have been sent: k6 calls a threshold kept that nothing was held
against.
"""

Document = Mapping[str, Any]


def script_of(plan: LoadPlan, webhook: Webhook, slo: Slo, base_url: str = "") -> str:
    """The script of a load, all of it new notifications."""
    parts = {
        "@BASE_URL@": base_url,
        "@WEBHOOK@": _webhook(plan, webhook),
        "@OPTIONS@": _options(plan, slo),
    }
    text = files("golive.adapters.load").joinpath("k6.js").read_text("utf-8")
    for place, value in parts.items():
        text = text.replace(place, json.dumps(value, indent=2))
    return text


def _webhook(plan: LoadPlan, webhook: Webhook) -> Document:
    return {
        "path": webhook.path,
        "signature": webhook.signature,
        "timeout": _duration(plan.timeout_seconds),
        "status": webhook.new.status,
        "body": webhook.new.body,
        "header": webhook.new.header,
    }


def _options(plan: LoadPlan, slo: Slo) -> Document:
    named = {_name(number, stage): stage for number, stage in _sending(plan)}
    scenarios = {
        _name(number, stage): _scenario(stage, seconds_of(plan.stages[:number]), plan)
        for number, stage in _sending(plan)
    }
    return {
        "scenarios": scenarios,
        "thresholds": {**_overall(plan, slo), **_of_stages(named, slo)},
        "summaryTrendStats": ["min", "med", "p(95)", "p(99)", "max", "count"],
    }


def _sending(plan: LoadPlan) -> Iterator[tuple[int, Stage]]:
    """The stages that send anything, with their numbers."""
    yield from ((number, stage) for number, stage in enumerate(plan.stages) if stage.arrivals)


def _name(number: int, stage: Stage) -> str:
    """A name as k6 allows them: letters, digits and underscores."""
    words = "".join(sign if sign.isalnum() else "_" for sign in stage.name.removesuffix("/s"))
    return f"{number + 1}_{words}"


def _scenario(stage: Stage, began_seconds: float, plan: LoadPlan) -> Document:
    highest = max(stage.from_per_second, stage.to_per_second)
    # k6 takes whole numbers only.
    scale = 1 if stage.from_per_second % 1 == stage.to_per_second % 1 == 0 else 1_000
    begin, end = (round(rate * scale) for rate in (stage.from_per_second, stage.to_per_second))
    duration = _duration(stage.seconds)
    arriving = {
        "executor": "ramping-arrival-rate",
        "startRate": begin,
        "stages": [{"duration": duration, "target": end}],
    }
    if begin == end:
        arriving = {"executor": "constant-arrival-rate", "rate": end, "duration": duration}
    return {
        **arriving,
        "timeUnit": f"{scale}s",
        "startTime": _duration(began_seconds),
        "gracefulStop": _duration(plan.timeout_seconds),
        "preAllocatedVUs": ceil(highest * SLOW_SECONDS) + 1,
        "maxVUs": max(ceil(highest * SLOW_SECONDS) + 1, plan.most_in_flight),
    }


def _overall(plan: LoadPlan, slo: Slo) -> Document:
    fewest = floor(FEWEST_SHARE * sum(stage.arrivals for stage in plan.stages))
    never_slow = not any(stage.may_be_slow for stage in plan.stages)
    return {
        **({"http_req_duration": _latency(slo)} if never_slow else {}),
        "http_req_failed": ["rate==0" if plan.no_errors else f"rate<{slo.failed_ratio:g}"],
        "checks": ["rate==1" if plan.no_errors else f"rate>{1 - slo.failed_ratio:g}"],
        "dropped_iterations": ["count==0"],
        "http_reqs": [f"count>={fewest}"],
    }


def _of_stages(named: Mapping[str, Stage], slo: Slo) -> Document:
    return {
        f"http_req_duration{{scenario:{name}}}": _latency(slo)
        for name, stage in named.items()
        if not stage.may_be_slow
    }


def _latency(slo: Slo) -> list[str]:
    return [f"p(95)<{slo.p95_ms:g}", f"p(99)<{slo.p99_ms:g}"]


def _duration(seconds: float) -> str:
    return f"{seconds:g}s"
