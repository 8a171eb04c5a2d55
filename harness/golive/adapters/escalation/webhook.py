"""A webhook of your own: the whole message as JSON."""

from collections.abc import Mapping
from dataclasses import asdict

from golive.adapters.escalation.over_http import post
from golive.model.monitoring.escalation import Channel, Page
from golive.model.monitoring.sections import Escalate


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Post `{"run", "target", "event", "severity", "cause", …}`."""
    post(section, secrets, {**asdict(page), "subject": page.subject, "text": page.text})


CHANNEL = Channel(needs=("url or url_env",), send=send)
