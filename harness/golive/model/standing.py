"""How far a checklist has come."""

from dataclasses import dataclass

from golive.model.checklist import Item
from golive.model.outcome import Decision, Outcome


@dataclass(frozen=True)
class Standing:
    """One item: what is known of it, and what it lacks.

    `outcome` says what the evidence says; `accepted` that a waiver covers what it lacks.
    """

    item: Item
    outcome: Outcome
    accepted: bool = False
    lacks: tuple[str, ...] = ()
    """Sentences: why it is not proven."""
    waits_for: tuple[str, ...] = ()
    """Items that have to be proven before anything is done about it."""
    to_gather: tuple[str, ...] = ()
    """Findings that a run would have to give."""
    to_run: bool = False
    to_sign: bool = False
    unended: str = ""
    """Where a command was started whose end is not recorded."""
    signed: tuple[str, ...] = ()
    """Who signed, and when."""

    @property
    def settled(self) -> bool:
        """Whether others may rest on it: proven, or accepted by a named person."""
        return self.accepted or self.outcome is Outcome.PASS

    @property
    def ready(self) -> bool:
        """Whether something can be done about it now."""
        return not self.settled and not self.waits_for


@dataclass(frozen=True)
class ListStatus:
    """A whole list on one target. The worst item that is required decides."""

    list: str
    target: str
    decision: Decision
    standings: tuple[Standing, ...]
    reasons: tuple[str, ...]
    damage: str = ""
    head: str = ""

    @property
    def signers(self) -> tuple[tuple[str, Standing], ...]:
        """Whose signature is next, by role."""
        ready = [one for one in self.standings if one.ready and one.to_sign]
        return tuple((one.item.signature, one) for one in ready)
