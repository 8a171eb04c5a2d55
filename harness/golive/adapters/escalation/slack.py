"""Slack's incoming webhook, and what understands the same (Mattermost, Rocket.Chat)."""

from collections.abc import Mapping

from golive.adapters.escalation.over_http import post
from golive.model.monitoring.escalation import Channel, Page
from golive.model.monitoring.sections import Escalate

ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""What Slack asks to escape: else a target's answer could call everybody."""


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Post `{"text"}`."""
    text = page.text
    for character, escaped in ESCAPES.items():
        text = text.replace(character, escaped)
    post(section, secrets, {"text": text})


CHANNEL = Channel(needs=("url or url_env",), send=send)
