"""The way in of notifications, for whoever sends them."""

from dataclasses import dataclass

from golive.model.target import Webhook


@dataclass(frozen=True)
class Entrance:
    """Where notifications go, and what they are signed with."""

    section: Webhook
    url: str
    password: str
    ca_file: str | None = None
