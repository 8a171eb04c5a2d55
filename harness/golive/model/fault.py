"""Faults: what breaks on entry, heals on exit and proves that it healed; and when they strike."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from golive.model.facts import Scalar

Span = tuple[float, float]
"""Shortest and longest, in seconds."""

Stream = Literal["upstream", "downstream"]
Blow = Literal["kill", "terminate", "restart", "pause", "stop"]


class FaultsPort(Protocol):
    """Breaks the target. Every context is broken inside; leaving it heals, and proves that it did.

    All may be entered from several threads at once. Leaving raises HealError where the target
    stays broken. What is broken is written down before it is, so that a killed process leaves
    nothing broken for long.
    """

    def toxic(
        self,
        service: str,
        kind: str,
        *,
        stream: Stream = "downstream",
        toxicity: float = 1.0,
        attributes: Mapping[str, int],
    ) -> AbstractContextManager[None]:
        """A toxic on the proxy before a service; `toxicity` is the share of connections."""

    def cut(self, service: str) -> AbstractContextManager[None]:
        """The proxy before a service refuses connections and drops those it has."""

    def process(self, role: str, blow: Blow) -> AbstractContextManager[None]:
        """`pause` and `stop` last as long as the context; after the others the role comes back by
        itself, or leaving starts it and raises NotSupervisedError.
        """

    def command(self, name: str) -> AbstractContextManager[None]:
        """A pair of commands of the target file: one that breaks, one that mends."""


@dataclass(frozen=True)
class Injection:
    """One fault, where it strikes, and how often: `times` windows, each between `lasting[0]` and
    `lasting[1]` seconds long, each `apart` after the one before (the first, after the start).

    Exactly one of `before` (a service with a proxy), `role` (a process) and `command` is given.
    """

    fault: str
    before: str = ""
    role: str = ""
    command: str = ""
    times: int = 1
    lasting_seconds: Span = (2.0, 2.0)
    apart_seconds: Span = (1.0, 1.0)
    options: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def on(self) -> str:
        """What it strikes."""
        return self.before or self.role or self.command

    def whole(self, name: str, default: int) -> int:
        """A whole number among the options."""
        return int(self.options.get(name) or default)

    def stream(self, default: Stream) -> Stream:
        """Which way a toxic acts: `upstream` is from the client to the service."""
        return "upstream" if self.options.get("stream", default) == "upstream" else "downstream"

    @property
    def key(self) -> str:
        """The key of the target file that allows it."""
        if self.before:
            return f"faults.toxiproxy.proxies.{self.before}"
        return f"faults.processes.{self.role}" if self.role else f"faults.commands.{self.command}"


@dataclass(frozen=True)
class Window:
    """When one fault is there, in seconds from the start of the workload."""

    start_seconds: float
    end_seconds: float


def windows(injection: Injection, between: Callable[[float, float], float]) -> tuple[Window, ...]:
    """When a fault strikes; `between` draws a number between two, the same ones for a seed."""
    now = 0.0
    found = []
    for _ in range(injection.times):
        start = now + between(*injection.apart_seconds)
        now = start + between(*injection.lasting_seconds)
        found.append(Window(round(start, 3), round(now, 3)))
    return tuple(found)


Inject = Callable[[FaultsPort, Injection], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """One catalog file. `id` is its path; `summary` says what is broken while it is there."""

    summary: str
    inject: Inject
    id: str = ""
