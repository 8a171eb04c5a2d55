"""Alertmanager, API v2: it groups, silences and routes what it is told."""

from collections.abc import Mapping

from golive.adapters.escalation.over_http import post
from golive.model.monitoring.escalation import CLOSED, Channel, Page
from golive.model.monitoring.sections import Escalate

NEVER = "2100-01-01T00:00:00Z"
"""Without an end Alertmanager would take an alert for over after its own few minutes."""


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Post the alert; the same labels later end it."""
    alert = {
        "labels": {
            **section.labels,
            "alertname": "GoliveIncident",
            "severity": page.severity,
            "target": page.target,
            "environment": page.environment,
            "scenario": page.scenario,
            "run": page.run,
            "incident": str(page.incident),
        },
        "annotations": {"summary": page.subject, "description": page.text},
        "startsAt": page.begins,
        "endsAt": page.ends if page.event == CLOSED else NEVER,
    }
    post(section, secrets, [alert], "/api/v2/alerts")


CHANNEL = Channel(needs=("url or url_env",), send=send)
