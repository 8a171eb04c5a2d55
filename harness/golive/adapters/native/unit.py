"""What the keeper starts: servers that stay, and tasks that come to an end."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from golive.adapters.native.places import Account

DEADLINE_SECONDS = 30.0
GRACE_SECONDS = 15.0


@dataclass(frozen=True)
class Command:
    """A program with everything it runs in. `account` is another user to run as, `data` the folder
    that a power cut would damage.
    """

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stdin: str = ""
    data: Path | None = None


class Run(Protocol):
    """Runs a command of a task to its end; its output goes to the task's log."""

    def __call__(self, command: Command) -> Awaitable[None]:
        """Raise if it does not exit with 0."""


@dataclass(frozen=True)
class Server:
    """A process that must be healthy within the deadline and then stays."""

    role: str
    command: Command
    healthy: Callable[[], Awaitable[bool]]
    port: int | None = None
    needs: tuple[str, ...] = ()
    deadline_seconds: float = DEADLINE_SECONDS


@dataclass(frozen=True)
class Task:
    """Something to be done once, after what it needs and before what needs it."""

    role: str
    work: Callable[[Run], Awaitable[None]]
    needs: tuple[str, ...] = ()
    deadline_seconds: float = DEADLINE_SECONDS


Unit = Server | Task
