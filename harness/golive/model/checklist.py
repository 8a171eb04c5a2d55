"""Checklist items and waivers."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from golive.model.section import Section

SECTIONS: Mapping[str, str] = {
    "pre_deployment": "Pre-deployment checks",
    "deployment": "Deployment steps",
    "smoke": "Smoke tests",
    "integration": "Integration tests",
    "monitoring": "Monitoring checks",
}
"""Sections of a list that is worked through, in their order, with their headings."""

PLACEHOLDERS = frozenset({"target", "version", "time_scale"})
"""What a command may leave open: the target file, the version that goes live, and how fast the days
of a rehearsal go by.
"""

_PLACEHOLDER = re.compile(r"{(\w*)}")


@dataclass(frozen=True)
class Item(Section):
    """One sentence of a checklist and what it rests on. `id` is `<list>.<file name>`.

    It is proven when all of it is there: each finding passed, the command ended with 0, somebody
    in the role of `signature` has signed. An item of the gate rests on findings alone; with a
    section, a command or a signature it is a step of a list that is worked through.
    """

    statement: str
    why: str
    findings: tuple[str, ...] = ()
    level: Literal["must", "should"] = "must"
    source: str = ""
    id: str = ""
    section: (
        Literal["pre_deployment", "deployment", "smoke", "integration", "monitoring"] | None
    ) = None
    owner: str = ""
    command: tuple[str, ...] = ()
    timeout_seconds: float = 600.0
    once: bool = False
    """Its command changes the target: it is run again only when asked, however old its end is."""
    signature: str = ""
    """The role of the person who decides."""
    remediation: str = ""
    rollback: str = ""
    """How it is undone, in words or as a command."""
    depends_on: tuple[str, ...] = ()
    """Items of the same list by file name, or sections: what has to be proven before."""
    proves: tuple[str, ...] = ()
    """What of the epic it stands for: `THR-101`, `THR-200/1`."""

    @property
    def is_step(self) -> bool:
        """Whether it belongs to a list that is worked through, and not to every run."""
        return bool(self.section or self.command or self.signature)

    @property
    def deploys(self) -> bool:
        """Whether its command puts a version on the target."""
        return self.once and self.command[:2] == ("golive", "deploy")

    @property
    def by_hand(self) -> str:
        """What it rests on besides findings, in words."""
        command = f"command {' '.join(self.command)}" if self.command else ""
        signature = f"signature of {self.signature}" if self.signature else ""
        return "; ".join(filter(None, (command, signature)))

    @property
    def list(self) -> str:
        """The list it is in."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name within the list."""
        return self.id.partition(".")[2]

    @property
    def digest(self) -> str:
        """Changes with every word of it: who signed another sentence did not sign this one."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:12]


def required_before(item: Item, items: Sequence[Item]) -> tuple[str, ...]:
    """Ids of the items that have to be proven before; a section is what is required of it."""
    found: list[str] = []
    for word in item.depends_on:
        if word in SECTIONS:
            found += [one.id for one in items if one.section == word and one.level == "must"]
        else:
            found.append(f"{item.list}.{word}")
    return tuple(dict.fromkeys(found))


def in_order(items: Sequence[Item]) -> tuple[Item, ...]:
    """What others depend on comes first; else section by section, in the order of the files."""
    place = {name: number for number, name in enumerate(SECTIONS)}
    ordered = sorted(items, key=lambda one: place.get(one.section or "", len(SECTIONS)))
    known = {one.id: one for one in ordered}
    found: dict[str, Item] = {}

    def put(item: Item) -> None:
        for name in required_before(item, items):
            if name not in found:
                put(known[name])
        found[item.id] = item

    for item in ordered:
        put(item)
    return tuple(found.values())


def unsound(items: Sequence[Item]) -> Iterator[str]:
    """What is wrong with the items of one list, in sentences."""
    known = {item.id for item in items}
    graph = {item.id: required_before(item, items) for item in items}
    for name, before in graph.items():
        for missing in sorted({*before} - known):
            yield f"{name} depends on {missing}, which is not there"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"items wait for each other: {' -> '.join(error.args[1])}"
    for item in items:
        for unknown in sorted(placeholders(item.command) - PLACEHOLDERS):
            known_words = ", ".join(f"{{{word}}}" for word in sorted(PLACEHOLDERS))
            yield f"{item.id}: its command says {{{unknown}}}; there are {known_words}"


def placeholders(command: Sequence[str]) -> set[str]:
    """What a command leaves open."""
    return {name for word in command for name in _PLACEHOLDER.findall(word)}


def filled(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The command with its placeholders filled in, word by word: no shell reads it."""
    return tuple(
        _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word) for word in command
    )


@dataclass(frozen=True)
class Waiver(Section):
    """An accepted finding, or an accepted item. Expired means void."""

    id: str
    reason: str
    approver: str
    risk: str
    expires: date

    def covers(self, finding: str, today: date) -> bool:
        """Whether this waiver still holds for a finding on that day (the last day included)."""
        return self.id == finding and today <= self.expires
