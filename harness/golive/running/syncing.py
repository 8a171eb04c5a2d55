"""Brings a tracker to what the epic says: first which changes that takes, then the changes.

A second run finds nothing to change, and a run that was cut short is finished by the next one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from golive.model.ticket import Ticket
from golive.model.tracker import Board, Held, Supply


class Verb(StrEnum):
    """What is done to a tracker."""

    SUPPLY = "add"
    CREATE = "create"
    UPDATE = "update"
    NEST = "nest"
    BLOCK = "block"
    FINISH = "finish"


@dataclass(frozen=True)
class Change:
    """One change. `key` is the ticket's; `other` is the parent's or blocker's key."""

    verb: Verb
    words: str
    key: str = ""
    other: str = ""
    supply: Supply | None = None


def changes_of(
    tickets: Sequence[Ticket], held: Sequence[Held], lacking: Sequence[Supply]
) -> tuple[Change, ...]:
    """What has to be changed, in the order in which it can be."""
    known = _by_key(held)
    return (
        *(Change(Verb.SUPPLY, f"{one.kind} {one.name}", supply=one) for one in lacking),
        *(change for ticket in tickets for change in _own(ticket, known)),
        *(change for ticket in tickets for change in _waiting(ticket, known)),
        *(change for ticket in tickets for change in _ending(ticket, known)),
    )


def apply(
    changes: Sequence[Change],
    tickets: Sequence[Ticket],
    board: Board,
    held: Sequence[Held],
    tell: Callable[[Change], None],
) -> None:
    """Make the changes, telling each one before it is made."""
    applying = _Applying({one.key: one for one in tickets}, _by_key(held), board)
    for change in changes:
        tell(change)
        applying.make(change)


def _by_key(held: Sequence[Held]) -> dict[str, Held]:
    """Of a ticket that someone copied, the oldest is ours."""
    return {one.key: one for one in reversed(held)}


def _own(ticket: Ticket, known: Mapping[str, Held]) -> Iterator[Change]:
    there = known.get(ticket.key)
    below = f" below {ticket.parent}" if ticket.parent else ""
    if there is None:
        yield Change(Verb.CREATE, f"{ticket.title}{below}", ticket.key, ticket.parent)
        return
    if there.version != ticket.version:
        yield Change(Verb.UPDATE, f"{ticket.title} ({there.handle})", ticket.key)
    if ticket.parent and _handle(ticket.parent, known) != there.parent:
        yield Change(Verb.NEST, f"{ticket.key}{below}", ticket.key, ticket.parent)


def _waiting(ticket: Ticket, known: Mapping[str, Held]) -> Iterator[Change]:
    there = known.get(ticket.key)
    blockers = there.blockers if there else frozenset()
    for key in ticket.blocked_by:
        if _handle(key, known) not in blockers:
            yield Change(Verb.BLOCK, f"{ticket.key} by {key}", ticket.key, key)


def _ending(ticket: Ticket, known: Mapping[str, Held]) -> Iterator[Change]:
    there = known.get(ticket.key)
    if ticket.done and not (there and there.done):
        yield Change(Verb.FINISH, f"{ticket.key}: {ticket.comment}", ticket.key)


def _handle(key: str, known: Mapping[str, Held]) -> str | None:
    return known[key].handle if key in known else None


class _Applying:
    """Changes that are being made: those who come later need the handles of those before."""

    def __init__(
        self, tickets: Mapping[str, Ticket], known: Mapping[str, Held], board: Board
    ) -> None:
        self._tickets = tickets
        self._known = known
        self._board = board
        self._handles = {"": ""} | {key: one.handle for key, one in known.items()}

    def make(self, change: Change) -> None:
        handle, other = self._handles.get(change.key, ""), self._handles.get(change.other, "")
        match change.verb:
            case Verb.SUPPLY if change.supply:
                self._board.supply(change.supply)
            case Verb.CREATE:
                ticket = self._tickets[change.key]
                self._handles[change.key] = self._board.create(ticket, other)
            case Verb.UPDATE:
                self._board.update(self._known[change.key], self._tickets[change.key])
            case Verb.NEST:
                self._board.nest(handle, other)
            case Verb.BLOCK:
                self._board.block(handle, other)
            case Verb.FINISH:
                self._board.finish(handle, self._tickets[change.key].comment)
