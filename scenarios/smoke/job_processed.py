"""THR-602, test 7: the queued job was run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Capability,
    Gate,
    Notification,
    QueueDepth,
    Ruling,
    Slo,
    failed,
    inconclusive,
    mismatch,
    passed,
    scenario,
)

NOTIFICATIONS = 3
DRAIN_SECONDS = 15.0


@dataclass(frozen=True)
class Queues:
    """All queues at one moment. A row is name, waiting, running, scheduled, finished, failed."""

    moment: str
    workers: int | None
    queues: tuple[tuple[str, int, int, int, int | None, int | None], ...]
    accepted: int
    effects: int | None


def the_jobs_were_run(seen: Sequence[Queues], _slo: Slo) -> Ruling:
    """Nothing waits, nothing failed, and the effects (or the finished registry) show the work."""
    before, after = seen[0], seen[-1]
    waiting = sum(row[1] for row in after.queues)
    failed_jobs = _total(after, 5) - _total(before, 5)
    finished = _total(after, 4) - _total(before, 4)
    measured = {"waiting": waiting, "failed": failed_jobs, "finished": finished}
    if after.accepted < NOTIFICATIONS:
        return failed(
            f"only {after.accepted} of {NOTIFICATIONS} notifications were accepted", **measured
        )
    if failed_jobs > 0:
        return failed(f"{failed_jobs} jobs failed", **measured)
    if after.effects is not None and after.effects < NOTIFICATIONS:
        who = f", {after.workers} workers are registered" if after.workers is not None else ""
        return failed(
            f"{after.effects} of {NOTIFICATIONS} jobs had their effect after {DRAIN_SECONDS:g} s; "
            f"{waiting} jobs wait{who}",
            **measured,
        )
    if after.effects is None and finished < NOTIFICATIONS:
        return inconclusive(
            f"nothing shows that the jobs were run: {finished} finished, {waiting} wait", **measured
        )
    return passed(f"{NOTIFICATIONS} jobs were run, none failed, {waiting} wait", **measured)


def _total(seen: Queues, column: int) -> int:
    return sum(int(row[column] or 0) for row in seen.queues)


@scenario(
    needs=[Capability.WEBHOOK, Capability.REDIS],
    evidence=Queues,
    check=the_jobs_were_run,
    remediation="Start the workers of the named queue, and look at its failed jobs.",
)
def job_processed(gate: Gate) -> Iterator[Queues]:
    """The job of an accepted notification is run by a worker and does not fail."""
    yield _look(gate, "before", 0, None)
    notifications = [gate.webhook.sample() for _ in range(NOTIFICATIONS)]
    accepted = sum(_accepted(gate, one) for one in notifications)
    effects = None
    if gate.target.has("observe.sql.effects"):
        effects = gate.until(
            lambda: sum(gate.sql.effects(one.unique_id) for one in notifications),
            lambda count: count >= accepted,
            within_seconds=DRAIN_SECONDS,
        )
    gate.until(
        gate.queue.depths,
        lambda queues: all(_idle(queue) for queue in queues),
        within_seconds=DRAIN_SECONDS if effects is None else 2.0,
    )
    yield _look(gate, "after", accepted, effects)


def _accepted(gate: Gate, notification: Notification) -> bool:
    section = gate.target.webhook
    reply = gate.webhook.send(notification)
    unique_id = notification.unique_id
    return section is not None and not mismatch(section.new, reply, unique_id=unique_id)


def _idle(queue: QueueDepth) -> bool:
    return queue.waiting == 0 and queue.running == 0


def _look(gate: Gate, moment: str, accepted: int, effects: int | None) -> Queues:
    rows = tuple(
        (one.name, one.waiting, one.running, one.scheduled, one.finished, one.failed)
        for one in gate.queue.depths()
    )
    return Queues(moment, gate.queue.workers(), rows, accepted, effects)
