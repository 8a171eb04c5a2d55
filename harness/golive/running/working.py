"""Works through a checklist: what is ready is done, until nothing more can be done now."""

from typing import Protocol

from golive.model.checklist import Item
from golive.model.standing import ListStatus, Standing


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
    wanted = dict.fromkeys(name for one in ready for name in one.to_gather)
    fresh = tuple(name for name in wanted if ("finding", name) not in tried)
    if fresh:
        tried.update(("finding", name) for name in fresh)
        desk.gather(fresh)
        return True
    for one in ready:
        if one.to_run and _first(tried, "command", one):
            # What was seen before says nothing of the target as it is afterwards.
            tried -= {entry for entry in tried if entry[0] == "finding"}
            desk.run(one.item)
            return True
    for one in ready:
        if one.to_sign and _first(tried, "signature", one):
            desk.ask(one)
            return True
    return False


def _first(tried: set[tuple[str, str]], what: str, standing: Standing) -> bool:
    entry = (what, standing.item.id)
    if entry in tried:
        return False
    tried.add(entry)
    return True
