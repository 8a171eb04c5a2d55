"""Reads the epic: `epic.toml` and one file for each story, in one folder."""

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from golive.catalog.catalog import built_in
from golive.errors import CatalogError
from golive.model.epic import Epic, Story
from golive.model.ticket import tickets_of

T = TypeVar("T")

WHOLE = "epic.toml"


def built_in_epic() -> Path:
    """Where golive's own epic lies: a level deeper than checklist items, which it has none of."""
    return built_in() / "checklists" / "epic" / "stories"


def read_epic(folder: Path) -> Epic:
    """The epic of a folder, stories in the order of their files.

    Raises CatalogError for a file that cannot be read, a key given twice, or one that nobody has.
    """
    files = sorted(path for path in folder.glob("*.toml") if path.name != WHOLE)
    epic = replace(_read(folder / WHOLE, Epic), stories=tuple(_read(path, Story) for path in files))
    _require_sound(epic, folder)
    return epic


def _read(path: Path, kind: type[T]) -> T:
    try:
        return TypeAdapter(kind).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogError(f"{path}: {error}", remedy="See docs/export.md.") from error


def _require_sound(epic: Epic, folder: Path) -> None:
    tickets = tickets_of(epic)
    counted = Counter(ticket.key for ticket in tickets)
    twice = [key for key, count in counted.items() if count > 1]
    unknown = [
        f"{ticket.key} depends on {key}"
        for ticket in tickets
        for key in ticket.blocked_by
        if key not in counted
    ]
    if twice or unknown:
        reasons = [*(f"{key} is there twice" for key in twice), *unknown]
        raise CatalogError(f"{folder}: {'; '.join(reasons)}", remedy="Mend the keys.")
