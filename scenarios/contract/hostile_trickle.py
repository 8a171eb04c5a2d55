"""A large file over a bad line: 200 MB at 100 kB/s take more than half an hour."""

from collections.abc import Iterator

from golive.api import (
    Bulk,
    Capability,
    Filer,
    Gate,
    Profile,
    Took,
    scenario,
    upload_watched,
    within_limits,
)

ROWS = 20_000
NOTE_CHARACTERS = 10_000
ROWS_AT_ONCE = 10
PAUSE_SECONDS = 1.0
SEND_SECONDS = 2_700.0
SETTLE_SECONDS = 120.0


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Took,
    check=within_limits,
    remediation="Pass the body on while it comes, and give up on a sender by how little comes and "
    "not by how long it takes; where the file is too large, refuse it before it is sent.",
    profile=Profile.FULL,
    deadline_seconds=3_000.0,
)
def hostile_trickle(gate: Gate) -> Iterator[Took]:
    """A large file that comes slowly is taken or refused in words, and costs nobody anything."""
    if gate.target.uploads:
        filer = Filer(gate, gate.target.uploads)
        bulk = Bulk(
            "200 MB at 100 kB/s",
            ROWS,
            note_characters=NOTE_CHARACTERS,
            pause_seconds=PAUSE_SECONDS,
            rows_at_once=ROWS_AT_ONCE,
        )
        yield upload_watched(
            filer,
            bulk.heavy(filer),
            send_seconds=SEND_SECONDS,
            settle_seconds=SETTLE_SECONDS,
        )
