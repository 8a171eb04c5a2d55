"""Alertmanager, API v2: it groups, silences and routes what it is told."""

from collections.abc import Mapping

from golive.adapters.escalation.over_http import post
from golive.model.monitoring.escalation import CLOSED, Channel, Page
from golive.model.monitoring.sections import Escalate

NEVER = "2100-01-01T00:00:00Z"
"""Without an end Alertmanager would take an alert for over after its own few minutes."""


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Post the alert; the same labels later end it. One that became critical is another alert to
    Alertmanager, so that the milder one is over with it.
    """
    alerts = [_alert(page, section, page.severity, page.event == CLOSED)]
    if page.severity == "critical":
        alerts.append(_alert(page, section, "documented", is_over=True))
    post(section, secrets, alerts, "/api/v2/alerts")


def _alert(page: Page, section: Escalate, severity: str, is_over: bool) -> Mapping[str, object]:
    return {
        "labels": {
            **section.labels,
            "alertname": "GoliveIncident",
            "severity": severity,
            "target": page.target,
            "environment": page.environment,
            "scenario": page.scenario,
            "run": page.run,
            "incident": str(page.incident),
        },
        "annotations": {"summary": page.subject, "description": page.text},
        "startsAt": page.begins,
        "endsAt": (page.ends or page.begins) if is_over else NEVER,
    }


CHANNEL = Channel(needs=("url or url_env",), send=send)
