"""Section `[monitor]` of a target file: whom to tell, when not to, how to roll back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from golive.model.section import Section


@dataclass(frozen=True)
class Maintenance(Section):
    """`[[monitor.maintenance]]`: a time that was announced; it counts against nothing."""

    begins: datetime
    ends: datetime
    why: str = ""


@dataclass(frozen=True)
class Escalate(Section):
    """`[[monitor.escalate]]`: one way to tell somebody. Secrets are named by their variables."""

    kind: str
    """The name of a file in `adapters/escalation/`."""
    tell: Literal["critical", "all"] = "critical"
    url: str = ""
    url_env: str = ""
    server: str = ""
    """Of mail: `host:port`."""
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user_env: str = ""
    password_env: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    command: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of Alertmanager: further labels."""


@dataclass(frozen=True)
class Monitor(Section):
    """Section `[monitor]`."""

    rollback: str = ""
    """The command that takes the release back; shown, never run."""
    maintenance: tuple[Maintenance, ...] = ()
    escalate: tuple[Escalate, ...] = ()
