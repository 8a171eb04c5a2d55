"""What one node keeps on its disk another node does not have."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Profile, Setting, UnobservableError, every, scenario

SETTLE_SECONDS = 30.0
REMOVED_SECONDS = 15.0


def nothing_stays(setting: Setting) -> str:
    """Not one file."""
    return "must be none" if setting.value != "none" else ""


@scenario(
    needs=[Capability.UPLOADS],
    requires=["observe.footprint"],
    evidence=Setting,
    check=every(nothing_stays),
    remediation="Keep files in the bucket and sessions in Redis; what has to be on a disk for a "
    "moment has no name there, or is removed when the request ends.",
    profile=Profile.STANDARD,
    deadline_seconds=90.0,
)
def nodes_write_nothing(gate: Gate) -> Iterator[Setting]:
    """After a file was taken and worked off no node has kept anything of it."""
    before = gate.audit.footprint.temporary()
    upload_id = gate.uploads.accepted_id(gate.uploads.send(gate.uploads.sample(rows=20)))
    if upload_id is None:
        raise UnobservableError("uploads", "the file was not accepted, so nothing was written")
    gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS)
    left = gate.until(
        lambda: gate.audit.footprint.temporary() - before,
        lambda files: not files,
        within_seconds=REMOVED_SECONDS,
    )
    yield Setting(
        "the service", "files that stay after an upload", " ".join(sorted(left)) or "none"
    )
