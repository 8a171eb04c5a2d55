"""A checklist on paper: what a person reads, does and ticks."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.model.checklist import SECTIONS, Item, in_order


@dataclass(frozen=True)
class Entry:
    """One box to tick: the sentence, lines of plain words, and who ticks it."""

    name: str
    statement: str
    lines: tuple[str, ...]
    signer: str
    recommended: bool


@dataclass(frozen=True)
class Part:
    """One section with its boxes."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Paper:
    """A whole list."""

    title: str
    lead: str
    parts: tuple[Part, ...]


def paper_of(name: str, items: Sequence[Item]) -> Paper:
    """The list as it is printed, in the order in which it is worked through."""
    ordered = in_order(items)
    headings = {**SECTIONS, "": "Further items"}
    parts = []
    for section, heading in headings.items():
        inside = tuple(_entry(item) for item in ordered if (item.section or "") == section)
        if inside:
            parts.append(Part(heading, inside))
    title = name.replace("_", " ").replace("-", " ").capitalize()
    lead = (
        f"{len(items)} items. Tick a box when you have seen it yourself; an item waits until those "
        "that it names are done."
    )
    return Paper(f"{title}: checklist", lead, tuple(parts))


def _entry(item: Item) -> Entry:
    findings = ", ".join(item.findings)
    lines = (
        ("Why", item.why),
        ("After", ", ".join(SECTIONS.get(word, word) for word in item.depends_on)),
        ("golive proves it by", findings),
        ("Run", " ".join(item.command)),
        ("If not", item.remediation),
        ("Way back", item.rollback),
    )
    return Entry(
        name=item.name,
        statement=item.statement,
        lines=tuple(f"{word}: {text}" for word, text in lines if text),
        signer=item.signature or item.owner or "whoever has seen it",
        recommended=item.level == "should",
    )
