"""Callers who are gone before they have said everything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Bulk,
    Capability,
    Filer,
    Gate,
    Profile,
    Ruling,
    Sending,
    Slo,
    failed,
    inconclusive,
    passed,
    scenario,
    watched,
)

CALLERS = 5
ROWS = 20_000
SENT_SECONDS = 0.7
PAUSE_SECONDS = 0.5
GONE_SECONDS = 45.0
"""Until the service must have noticed: a silent connection may be given half a minute."""


@dataclass(frozen=True)
class Gone:
    """Callers who left in the middle, and what they left behind."""

    callers: int
    sent_bytes: int
    answered: int
    refused: int
    """Health checks meanwhile that were not answered below 300."""
    left: tuple[str, ...]
    """Temporary files that were not there before."""


def nothing_is_left(seen: Sequence[Gone], _slo: Slo) -> Ruling:
    """They cost nothing that stays."""
    last = seen[-1]
    told = f"{last.callers} callers left in the middle of a file"
    figures = {"sent_bytes": last.sent_bytes}
    if not last.sent_bytes or last.answered:
        return inconclusive(f"{last.answered} of {last.callers} were answered before they left")
    if last.refused:
        return failed(f"{told}: {last.refused} health checks were refused meanwhile", **figures)
    if last.left:
        return failed(f"{told}: {len(last.left)} temporary files stay, such as {last.left[0]}")
    return passed(f"{told}: nothing stays of it", **figures)


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Gone,
    check=nothing_is_left,
    remediation="Remove what was begun when the connection ends, also when it ends by an error; "
    "use temporary files that have no name.",
    profile=Profile.STANDARD,
    deadline_seconds=120.0,
)
def hostile_gone(gate: Gate) -> Iterator[Gone]:
    """Who hangs up in the middle of an upload leaves nothing behind."""
    if gate.target.uploads is None:
        return
    filer, footprint = Filer(gate, gate.target.uploads), gate.audit.footprint
    before = footprint.temporary()
    with watched(gate) as watch:
        replies = [
            gate.raw.exchange(begun(filer), within_seconds=SENT_SECONDS) for _ in range(CALLERS)
        ]
        left = gate.until(
            lambda: footprint.temporary() - before,
            lambda files: not files,
            within_seconds=GONE_SECONDS,
        )
    yield Gone(
        callers=len(replies),
        sent_bytes=sum(one.sent_bytes for one in replies),
        answered=sum(bool(one.statuses) for one in replies),
        refused=watch.refused,
        left=tuple(sorted(left)),
    )


def begun(filer: Filer) -> Sending:
    """A large file in pieces with a pause between, so that time is over before its end."""
    bulk = Bulk("a file that is never sent whole", ROWS, pause_seconds=PAUSE_SECONDS)
    return bulk.heavy(filer).sending
