"""What was done on a checklist, by whom and when: records that are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from golive.model.outcome import Outcome

WEEK_SECONDS = 7 * 24 * 3600.0
"""How long evidence holds where nothing else is said."""


class Kind(StrEnum):
    """What a record says."""

    FINDING = "finding"
    """A run judged a statement; the subject is the scenario."""
    STARTED = "started"
    """A command was begun; until its end is there, nobody knows what it did."""
    ENDED = "ended"
    AGAIN = "again"
    """Somebody wants a command to be run once more: its earlier ends no longer count."""
    SIGNED = "signed"
    WAIVED = "waived"
    """Somebody accepted an item; the waiver itself lies beside the target file."""


@dataclass(frozen=True)
class Record:
    """One record. `at` is UTC, ISO 8601; `digest` is that of the item as it then was.

    `role` is that of who signed; `version` is what was about to go live (empty = not said).
    """

    kind: Kind
    subject: str
    at: str
    by: str
    commit: str
    outcome: Outcome = Outcome.PASS
    note: str = ""
    role: str = ""
    run: str = ""
    digest: str = ""
    evidence: tuple[str, ...] = ()
    version: str = ""

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Logbook:
    """The records of one list on one target, oldest first.

    `damage` names the line that was altered (empty = intact); `head` is the hash of the last line,
    which stands for all of them.
    """

    records: tuple[Record, ...] = ()
    damage: str = ""
    head: str = ""

    @property
    def version(self) -> str:
        """The last version that somebody said to go live (empty = nobody did)."""
        return last_version(self.records)


def last_version(records: Sequence[Record]) -> str:
    """The version of the newest record that has one."""
    return next((record.version for record in reversed(records) if record.version), "")


@dataclass(frozen=True)
class Circumstances:
    """What makes evidence stale: another commit, another version, or more age than is allowed."""

    now: datetime
    commit: str
    max_age_seconds: float
    version: str = ""
    """What goes live; what is known of another version says nothing of this one. Empty = the last
    that was said.
    """
    deployed: str = ""
    """When golive last deployed to the target from this machine, or rolled back: UTC, ISO 8601;
    empty = not known.
    """
