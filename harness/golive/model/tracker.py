"""Issue trackers: what one is, what it holds, and what can be done to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from golive.model.ticket import Ticket

API = "api"
"""The way of exporting that writes into the tracker itself."""

Values = Mapping[str, str]
"""Environment variable -> value."""


@dataclass(frozen=True)
class Variable:
    """An environment variable of a tracker; it has to be set unless optional or with a default."""

    name: str
    meaning: str
    default: str = ""
    secret: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Document:
    """A file to be imported, or run, by hand."""

    name: str
    text: str


@dataclass(frozen=True)
class Held:
    """A ticket that a tracker holds already. `parent` and `blockers` are handles, not keys."""

    key: str
    version: str
    handle: str
    """What the tracker calls it: a number or an id of its own."""
    parent: str = ""
    blockers: frozenset[str] = frozenset()
    done: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Supply:
    """Something that has to be there before tickets can name it: a label, a milestone."""

    kind: str
    name: str
    due: str = ""


class Board(Protocol):
    """A tracker that was opened. Only `held` and `lacking` may be called in a dry run."""

    def held(self) -> Sequence[Held]:
        """All tickets that golive exported before, oldest first."""

    def lacking(self, tickets: Sequence[Ticket]) -> Sequence[Supply]:
        """What the tickets name and the tracker does not have."""

    def supply(self, wanted: Supply) -> None:
        """Make something that is lacking."""

    def create(self, ticket: Ticket, parent: str) -> str:
        """Make a ticket, below a parent if one is named, and return its handle."""

    def update(self, held: Held, ticket: Ticket) -> None:
        """Write a ticket again; labels that golive does not know stay."""

    def nest(self, handle: str, parent: str) -> None:
        """Put a ticket below a parent."""

    def block(self, handle: str, blocker: str) -> None:
        """Let a ticket wait for another."""

    def finish(self, handle: str, comment: str) -> None:
        """Say why a ticket is done, and move it there."""


def unchanged(tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
    """The shape of a tracker that can hold the epic as it is."""
    return tuple(tickets)


@dataclass(frozen=True)
class Tracker:
    """One kind of issue tracker. The name for `--to` is that of its file."""

    title: str
    variables: tuple[Variable, ...]
    into: str
    """The variable that names the project, team, repository or list: `--into`."""
    address: str
    """The variable that holds the address: `--base-url`."""
    open_board: Callable[[Values], AbstractContextManager[Board]]
    documents: Mapping[str, Callable[[Sequence[Ticket]], Document]]
    """Ways of exporting by hand: name for `--as` -> what makes the file."""
    losses: Callable[[str, Sequence[Ticket]], Iterable[str]]
    """What of the epic this way of exporting cannot say, in sentences."""
    shape: Callable[[Sequence[Ticket]], tuple[Ticket, ...]] = field(default=unchanged)
    """The tickets as this tracker is to have them."""
