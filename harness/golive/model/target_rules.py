"""Which form the values of a target file must have, by their dotted keys.

Apart from the types, so that a file with a wrong type in one place is told its other problems too.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from golive.model.deploying import COMMANDS
from golive.model.target import METHODS, Call

Rule = Callable[[str], str]
"""Says what is wrong with a value (empty = nothing)."""


def _call(line: str) -> str:
    call = Call.parse(line)
    if call.method in METHODS and call.path.startswith("/") and " " not in call.path:
        return ""
    return f"must look like 'GET /path', not {line!r}"


def _url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    # Shown nowhere: it may be a secret.
    if "@" in (rest or url).partition("/")[0]:
        return "must hold no user and no password: addresses are printed, secrets are not"
    if scheme in ("http", "https") and separator and rest and not rest.startswith("/"):
        return "must not end with '/'" if rest.endswith("/") else ""
    return f"must be an http:// or https:// address, not {url!r}"


def _path(path: str) -> str:
    return "" if path.startswith("/") else f"must begin with '/', not {path!r}"


def _header(line: str) -> str:
    return "" if not line or ": " in line else f"must look like 'Name: value', not {line!r}"


def _plain_url(url: str) -> str:
    if url.startswith("https://"):
        return "must be an http:// address: the API of Toxiproxy speaks no TLS"
    return _url(url)


def _proxy(name: str) -> str:
    return "must hold no '/': Toxiproxy reaches no toxic of such a proxy" if "/" in name else ""


def _words(line: str) -> str:
    try:
        return "" if shlex.split(line) else "must be a command"
    except ValueError as error:
        return f"cannot be split into words: {error}"


def _part(number: float) -> str:
    if 0 < number < 1:
        return ""
    return f"must be more than 0 and less than 1, such as 0.999, not {number:g}"


def _positive(number: float) -> str:
    return "" if number > 0 else f"must be more than 0, not {number:g}"


NUMBERS: Mapping[str, Callable[[float], str]] = {
    "slo.error_budget.availability": _part,
    "slo.error_budget.window_days": _positive,
    "slo.p95_ms": _positive,
    "slo.p99_ms": _positive,
    "slo.api_p95_ms": _positive,
}

RULES: Mapping[str, Rule] = {
    "target.base_url": _url,
    "target.health": _path,
    "nodes.*": _url,
    "uploads.create": _call,
    "uploads.status": _call,
    "uploads.download": _call,
    "uploads.listing": _call,
    "uploads.debtors": _call,
    "webhook.path": _path,
    "webhook.gateway_url": _url,
    "webhook.new.header": _header,
    "webhook.duplicate.header": _header,
    "observe.s3.endpoint": _url,
    "observe.metrics.url": _url,
    "observe.metrics.nodes.*": _url,
    "observe.metrics.machines.*": _url,
    "faults.toxiproxy.api": _plain_url,
    "faults.toxiproxy.proxies.*": _proxy,
    "faults.processes.*.*": _words,
    "faults.commands.*.begin": _words,
    "faults.commands.*.end": _words,
    "deploy.ready": _path,
    **{f"deploy.{name}": _words for name in COMMANDS},
}


def malformed(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and reason of every value of a target file that has not the form it must have."""
    for pattern, rule in RULES.items():
        for key, value in _matching(document, pattern.split(".")):
            if isinstance(value, str) and (reason := rule(value)):
                yield key, reason
    for name, rule_of_number in NUMBERS.items():
        for key, value in _matching(document, name.split(".")):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and (reason := rule_of_number(value)):
                yield key, reason


def _matching(document: Any, names: list[str], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value at a dotted key; `*` stands for each key of a table."""
    if not names:
        yield above.removeprefix("."), document
    elif isinstance(document, Mapping):
        for name in document if names[0] == "*" else names[:1]:
            if name in document:
                yield from _matching(document[name], names[1:], f"{above}.{name}")
