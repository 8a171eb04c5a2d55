"""A file of a million rows: what a customer's export may well be, once in a year."""

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

ROWS = 1_000_000
SEND_SECONDS = 120.0
SETTLE_SECONDS = 240.0


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Took,
    check=within_limits,
    remediation="Read files row by row, in the API and in the job; where so many rows are too "
    "many, refuse them in words and say the limit.",
    profile=Profile.STANDARD,
    deadline_seconds=400.0,
)
def hostile_million(gate: Gate) -> Iterator[Took]:
    """A million rows are read or refused in words, and cost neither memory nor a file."""
    if gate.target.uploads:
        filer = Filer(gate, gate.target.uploads)
        heavy = Bulk("a million rows", ROWS).heavy(filer)
        yield upload_watched(filer, heavy, send_seconds=SEND_SECONDS, settle_seconds=SETTLE_SECONDS)
