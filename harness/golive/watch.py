"""The flow of a watch: the second place where the verbs meet.

settings -> target, plan = resolve(settings)          (gate.py)
ledger       = a new one, or that of a watch which was not finished
for every check that is due, or that the light probes call for:
look         = perform every step, with connections of its own
judged       = judge_check(look)
story        = tell(history, judged)      -> pages, to whoever is to be told
at the end: report       = conclude(ledger)           (gate.py)
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from golive.adapters.connections import Connections
from golive.adapters.escalation import channels_of
from golive.adapters.escalation.sending import Dispatcher
from golive.adapters.monitoring.probing import prober
from golive.catalog.catalog import Catalog
from golive.config.secrets import read_secrets, redact
from golive.config.target_file import escalation_secrets
from golive.errors import ConfigurationError
from golive.gate import Conclusion, Resolved, conclude, resolve
from golive.judging.watching import judge_check, judge_checks
from golive.ledger.listing import find_run
from golive.ledger.reading import read_plan
from golive.ledger.watching import (
    WatchRecorder,
    read_watch,
    reopen,
    unfinished,
    with_maintenance,
)
from golive.model.ledger import Ledger
from golive.model.monitoring.escalation import Page, pages
from golive.model.monitoring.incidents import Judged
from golive.model.monitoring.records import Kind, WatchOrder
from golive.model.monitoring.schedule import Schedule
from golive.model.monitoring.story import Story, tell
from golive.model.monitoring.wanted import WatchWanted, order_of
from golive.model.plan import Plan
from golive.model.settings import Settings
from golive.running.execution import Execution
from golive.running.watching import Watch, WatchClock

PROBING = "probing"
"""The process that the light probes are recorded under."""


class WatchNarrator(Protocol):
    """Is told how a watch goes on."""

    def watching(self, plan: Plan, order: WatchOrder, folder: Path, since_seconds: float) -> None:
        """The watch begins, or goes on after so many seconds of it."""

    def looked(self, check: Sequence[Judged], story: Story) -> None:
        """A check was made and judged."""


def watch(settings: Settings, wanted: WatchWanted, narrator: WatchNarrator) -> Conclusion:
    """Watch a target by a schedule: check, judge, tell people, report."""
    resolved = resolve(settings)
    channels = channels_of(resolved.target.monitor.escalate)
    secrets = read_secrets(escalation_secrets(resolved.target), settings.target_file)
    recorder = _recorder(resolved, settings.out, wanted, tuple(channels))
    history = recorder.history
    try:
        desk = Dispatcher(channels, secrets, history.told, recorder.keep_told, recorder.now_seconds)
        looking = _Looking(resolved, recorder, desk, narrator)
        narrator.watching(looking.plan, recorder.order, recorder.folder, history.sessions[-1])
        about = resolved.target.target
        ask = prober(
            f"{about.base_url}{about.health}",
            recorder.step(PROBING),
            recorder.now_seconds,
            about.ca_file,
        )
        try:
            finished = Watch(recorder, ask, looking.look).run()
        finally:
            desk.close()
    finally:
        recorder.seal()
    return replace(conclude(recorder.folder, resolved.catalog), interrupted=not finished)


class _Looking:
    """Makes one check after the other."""

    def __init__(
        self,
        resolved: Resolved,
        recorder: WatchRecorder,
        desk: Dispatcher,
        narrator: WatchNarrator,
    ) -> None:
        self.plan = read_plan(recorder.folder)
        self._resolved = resolved
        self._recorder = recorder
        self._desk = desk
        self._narrator = narrator
        self._judged = list(
            judge_checks(recorder.history, self._ledger(), self.plan, resolved.catalog.judged)
        )

    def look(self, number: int, kind: Kind, due_seconds: float) -> None:
        """Make a check, judge it, tell people what it found."""
        recorder, resolved = self._recorder, self._resolved
        recorder.begin_check(number, kind, due_seconds)
        # Connections of its own: what was kept idle for hours may have been closed meanwhile.
        with Connections(resolved.target, resolved.secrets, self.plan.run) as connections:
            connections.watching = recorder
            execution = Execution(self.plan, resolved.catalog.judged, recorder, connections)
            for step in self.plan.steps:
                if not step.blocked:
                    execution.perform(step)
        recorder.end_check()
        check = tuple(
            judge_check(
                number, recorder.history, self._ledger(), self.plan, resolved.catalog.judged
            )
        )
        self._judged += check
        story = tell(recorder.history, self._judged, self.plan.slo)
        self._desk.tell(map(_redacted, pages(story.incidents, recorder.order, self.plan)))
        self._narrator.looked(check, story)

    def _ledger(self) -> Ledger:
        return Ledger((), tuple(self._recorder.operations), self._recorder.seconds)


def _redacted(page: Page) -> Page:
    """What the target said may hold a secret, and messages go far."""
    symptoms = tuple(map(redact, page.symptoms))
    return replace(page, cause=redact(page.cause), symptoms=symptoms, remedy=redact(page.remedy))


def _recorder(
    resolved: Resolved, out: Path, wanted: WatchWanted, channels: tuple[str, ...]
) -> WatchRecorder:
    """The ledger of a new watch, or of one that was not finished."""
    now, catalog = datetime.now(UTC), resolved.catalog

    def elapsed(order: WatchOrder) -> float:
        return (now - datetime.fromisoformat(order.began)).total_seconds()

    def is_wanted(order: WatchOrder) -> bool:
        """Another schedule or pace is another watch: it goes on only when it is named."""
        alike = (order.schedule, order.scale) == (_schedule(wanted.schedule, catalog), wanted.scale)
        return alike and elapsed(order) * order.scale < order.schedule.seconds

    if wanted.resume:
        folder: Path | None = find_run(wanted.resume, out)
    else:
        folder = None if wanted.fresh else unfinished(out, resolved.plan, is_wanted)
    if folder is None:
        order = _order(resolved, wanted, now, channels)
        clock = WatchClock(0.0, order.scale)
        return WatchRecorder(out / resolved.plan.run, resolved.plan, redact, order, clock)
    return _resumed(folder, resolved, wanted, channels, elapsed)


def _resumed(
    folder: Path,
    resolved: Resolved,
    wanted: WatchWanted,
    channels: tuple[str, ...],
    elapsed: Callable[[WatchOrder], float],
) -> WatchRecorder:
    known, history = read_plan(folder), read_watch(folder)
    plan = resolved.plan
    if (known.target, known.base_url) != (plan.target, plan.base_url):
        raise ConfigurationError(
            f"--resume {folder.name}: it watches {known.target} at {known.base_url}",
            remedy="Name the target file of that watch.",
        )
    order = history.order
    began = datetime.fromisoformat(order.began)
    same = replace(wanted, scale=order.scale)
    renewed = _order(resolved, same, began, channels, order.schedule)
    clock = WatchClock(elapsed(order), order.scale)
    return reopen(folder, redact, clock, with_maintenance(history, renewed))


def _order(
    resolved: Resolved,
    wanted: WatchWanted,
    began: datetime,
    channels: tuple[str, ...],
    schedule: Schedule | None = None,
) -> WatchOrder:
    chosen = schedule or _schedule(wanted.schedule, resolved.catalog)
    try:
        return order_of(wanted, chosen, resolved.target.monitor, began, channels)
    except ValueError as error:
        raise ConfigurationError(
            f"--maintenance: {error}",
            remedy="For example 2026-01-05T02:00Z/2026-01-05T03:00Z, or +120/+180 (minutes).",
        ) from None


def _schedule(name: str, catalog: Catalog) -> Schedule:
    if name not in catalog.schedules:
        raise ConfigurationError(
            f"--schedule {name}: there is no such schedule",
            remedy=f"There are {', '.join(catalog.schedules)}.",
        )
    return catalog.schedules[name]
