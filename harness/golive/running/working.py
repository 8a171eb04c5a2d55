"""Works through a checklist: what is ready is done, until nothing more can be done now."""

from collections.abc import Sequence
from typing import Protocol

from golive.model.checklist import Item
from golive.model.standing import ListStatus, Standing

LONG = frozenset({"chaos", "load"})
"""Suites that take minutes to hours."""


class Desk(Protocol):
    """Where a list is worked through. What each call finds out, the next status knows."""

    def status(self) -> ListStatus:
        """How the list stands, read from disk."""

    def await_end(self, standing: Standing) -> None:
        """Wait for a command that was started and whose end is not recorded."""

    def gather(self, findings: tuple[str, ...]) -> None:
        """Have these findings judged by one run."""

    def run(self, item: Item) -> None:
        """Run the command of an item."""

    def ask(self, standing: Standing) -> None:
        """Ask for a signature."""


def work_through(desk: Desk) -> ListStatus:
    """Do what is ready: nothing twice, and never two things of which one waits for the other."""
    tried: set[tuple[str, str]] = set()
    while True:
        status = desk.status()
        if status.damage or not _next(desk, status, tried):
            return status


def _next(desk: Desk, status: ListStatus, tried: set[tuple[str, str]]) -> bool:
    """Do one thing, if there is one that was not tried yet: looking first, signatures last."""
    ready = [one for one in status.standings if one.ready]
    for one in ready:
        if one.unended and _first(tried, "end", one):
            desk.await_end(one)
            return True
    # By item: what was seen for one before a command says nothing for another that waits for it.
    wanted = [(name, one.item.id) for one in ready for name in one.to_gather]
    if fresh := [entry for entry in wanted if entry not in tried]:
        batch = _batch(fresh)
        tried.update(entry for entry in wanted if entry[0] in batch)
        desk.gather(batch)
        return True
    for one in ready:
        if one.to_run and _first(tried, "command", one):
            desk.run(one.item)
            return True
    for one in ready:
        if one.to_sign and _first(tried, "signature", one):
            desk.ask(one)
            return True
    return False


def _batch(wanted: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What one run gives, of findings and the items they are for: first whatever is quick, all at
    once; then what takes long, item by item, so that a kill loses one of them and not the night.
    """
    quick = [name for name, _ in wanted if name.partition(".")[0] not in LONG]
    _, item = wanted[0]
    return tuple(dict.fromkeys(quick or [name for name, of in wanted if of == item]))


def _first(tried: set[tuple[str, str]], what: str, standing: Standing) -> bool:
    entry = (what, standing.item.id)
    if entry in tried:
        return False
    tried.add(entry)
    return True
