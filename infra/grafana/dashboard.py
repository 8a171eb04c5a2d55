"""The dashboard: latency, rate, errors and their budget, queues and failed jobs.

It shows what the rules record; an expression stands in one place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from golive.model.slo import Slo

SOURCE = {"type": "prometheus", "uid": "tether"}
WIDTH, HEIGHT = 12, 8
COLUMNS = 2
RED, GREEN = "red", "green"


@dataclass(frozen=True)
class Query:
    """An expression, and how its series are called."""

    expression: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """A graph over time; from `limit` on it is red."""

    title: str
    unit: str
    queries: Sequence[Query]
    limit: float | None = None
    description: str = field(default="")


def panels(slo: Slo, burns: Sequence[tuple[str, float]]) -> Iterator[Panel]:
    """All of them, from the callers' side to the queues."""
    budget = round(1 - slo.error_budget.availability, 9)
    yield Panel(
        "Latency",
        "s",
        [Query(f"tether:request_seconds:p{q}", f"p{q}") for q in ("50", "95", "99")],
        slo.p95_ms / 1000,
        "Red from the objective for the 95th percentile on.",
    )
    yield Panel("Requests", "reqps", [Query("tether:requests:rate5m", "{{route}}")])
    yield Panel(
        "Failed requests",
        "percentunit",
        [Query("tether:request_errors:ratio_rate5m", "of the last five minutes")],
        budget,
        f"Red where the objective of {slo.error_budget.availability:.3%} is missed.",
    )
    yield Panel(
        "Burn rate of the error budget",
        "none",
        [
            Query(f"tether:request_errors:ratio_rate{window} / {budget:g}", f"{window}: {rate:g}x")
            for window, rate in burns
        ],
        min(rate for _, rate in burns),
        f"1 uses up the budget in {slo.error_budget.window_days:g} days. "
        "The legend says where the alerts are.",
    )
    yield from _queues(slo)
    yield Panel(
        "Nodes that answer",
        "none",
        [Query('up{job="tether"}', "{{node}}"), Query("probe_success", "from outside")],
    )
    yield Panel(
        "Memory of the API",
        "bytes",
        [Query('process_resident_memory_bytes{job="tether"}', "{{node}}")],
    )


def _queues(slo: Slo) -> Iterator[Panel]:
    each = "{{queue}}"
    yield Panel(
        "Jobs that wait",
        "none",
        [Query("tether:queue_waiting_jobs:max", each)],
        slo.queue_depth,
    )
    yield Panel("Age of the first job", "s", [Query("tether:queue_oldest_seconds:max", each)])
    yield Panel(
        "Jobs that failed for good", "none", [Query("tether:queue_failed_jobs:max", each)], 1
    )
    yield Panel("Workers", "none", [Query("tether:workers_alive:max", each)])


def of(slo: Slo, burns: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """The document that Grafana reads."""
    shown = [_panel(number, panel) for number, panel in enumerate(panels(slo, burns))]
    return {
        "uid": "tether",
        "title": "Tether",
        "tags": ["tether"],
        "timezone": "browser",
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "panels": shown,
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": GREEN, "value": None}]
    if panel.limit is not None:
        steps.append({"color": RED, "value": panel.limit})
    style = {"thresholdsStyle": {"mode": "off" if panel.limit is None else "line"}}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": {
            "h": HEIGHT,
            "w": WIDTH,
            "x": number % COLUMNS * WIDTH,
            "y": number // COLUMNS * HEIGHT,
        },
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": style,
            },
            "overrides": [],
        },
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": query.expression,
                "legendFormat": query.legend,
            }
            for place, query in enumerate(panel.queries)
        ],
    }
