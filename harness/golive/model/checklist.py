"""Checklist items and waivers."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from golive.model.section import Section


@dataclass(frozen=True)
class Item(Section):
    """One sentence of a checklist, bound to findings. `id` is `<list>.<file name>`."""

    statement: str
    why: str
    findings: tuple[str, ...]
    level: Literal["must", "should"] = "must"
    source: str = ""
    id: str = ""


@dataclass(frozen=True)
class Waiver(Section):
    """An accepted finding. Expired means void."""

    id: str
    reason: str
    approver: str
    risk: str
    expires: date

    def covers(self, finding: str, today: date) -> bool:
        """Whether this waiver still holds for a finding on that day (the last day included)."""
        return self.id == finding and today <= self.expires
