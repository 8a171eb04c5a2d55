"""What somebody is told of an incident, and how."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.model.monitoring.incidents import Incident
from golive.model.monitoring.records import WatchOrder
from golive.model.monitoring.sections import Escalate
from golive.model.plan import Plan

CLOSED = "closed"


@dataclass(frozen=True)
class Page:
    """One message. `event` is the severity with which it opened, or `closed`; times are ISO 8601,
    `ends` is empty while it goes on.
    """

    run: str
    target: str
    environment: str
    incident: int
    event: str
    severity: str
    scenario: str
    cause: str
    symptoms: tuple[str, ...]
    begins: str
    ends: str
    remedy: str
    rollback: str

    @property
    def subject(self) -> str:
        """One line: what, where."""
        word = "over" if self.event == CLOSED else self.severity
        return f"[{word}] {self.target} ({self.environment}): {self.cause}"

    @property
    def text(self) -> str:
        """The whole message in plain lines."""
        lines = [self.subject, f"since {self.begins}", f"check: {self.scenario}"]
        lines += [f"also: {one}" for one in self.symptoms]
        if self.event == CLOSED:
            return "\n".join([*lines, f"healthy again since {self.ends}", f"run {self.run}"])
        if self.severity == "critical":
            lines.append(f"roll back now: {self.rollback or 'no command is named in [monitor]'}")
        return "\n".join([*lines, f"what to do: {self.remedy}", f"run {self.run}"])


@dataclass(frozen=True)
class Channel:
    """One file of `adapters/escalation/`. `send` raises EscalationError; `needs` are the keys of
    its section, of which `a or b` is one or the other.
    """

    needs: tuple[str, ...]
    send: Callable[[Page, Escalate, Mapping[str, str]], None]


def pages(found: Sequence[Incident], order: WatchOrder, plan: Plan) -> Iterator[Page]:
    """Every message that the incidents so far deserve, each once, in their order."""
    for one in found:
        yield _page(one, one.severity, order, plan)
        if one.ends_seconds is not None:
            yield _page(one, CLOSED, order, plan)


def at(order: WatchOrder, seconds: float) -> str:
    """A time of the watch on the clock of the wall, in UTC."""
    moment = datetime.fromisoformat(order.began) + timedelta(seconds=seconds / order.scale)
    return moment.isoformat(timespec="seconds")


def _page(one: Incident, event: str, order: WatchOrder, plan: Plan) -> Page:
    return Page(
        run=plan.run,
        target=plan.target,
        environment=plan.environment,
        incident=one.number,
        event=event,
        severity=one.severity,
        scenario=one.scenario,
        cause=one.cause,
        symptoms=one.symptoms,
        begins=at(order, one.begins_seconds),
        ends="" if one.ends_seconds is None else at(order, one.ends_seconds),
        remedy=one.remediation,
        rollback=order.rollback,
    )
