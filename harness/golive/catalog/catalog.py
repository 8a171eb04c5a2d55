"""The catalog: every entry of the built-in folders and of the folders that the user named."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

import golive
from golive.catalog.loading import load_entry
from golive.errors import CatalogError
from golive.model.checklist import Item
from golive.model.exporter import Exporter
from golive.model.scenario import Scenario

PATTERNS = {"scenarios": "*/*.py", "checklists": "*/*.toml", "reports": "*.py"}
"""Where the entries of each catalog folder lie: `scenarios/<suite>/<name>.py`."""


def built_in() -> Path:
    """Where golive's own catalog lies: inside an installed wheel, or at the root of a checkout."""
    package = Path(golive.__file__).parent
    installed = package / "_catalog"
    return installed if installed.is_dir() else package.parents[1]


@dataclass(frozen=True)
class Catalog:
    """Entries by folder. Only folders that were named are loaded, for loading runs their code."""

    roots: tuple[Path, ...]

    @classmethod
    def of(cls, extra: Sequence[Path] = ()) -> "Catalog":
        """The built-in catalog and the user's folders. Raises CatalogError for one not there."""
        for folder in extra:
            if not folder.is_dir():
                raise CatalogError(
                    f"catalog {folder} is not a folder",
                    remedy=f"It holds any of the folders {', '.join(PATTERNS)}.",
                )
            _refuse_misplaced(folder)
        return cls((built_in(), *extra))

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Scenarios by id, in the order of their paths."""
        found: dict[str, Scenario] = {}
        for identifier, path in self._files("scenarios"):
            entry = load_entry(path, identifier, Scenario)
            _refuse_second(found, identifier, path)
            found[identifier] = replace(entry, id=identifier, suite=path.parent.name)
        return found

    @cached_property
    def exporters(self) -> dict[str, Exporter]:
        """Exporters by format name."""
        found: dict[str, Exporter] = {}
        for identifier, path in self._files("reports"):
            entry = load_entry(path, f"reports.{identifier}", Exporter)
            _refuse_second(found, identifier, path)
            found[identifier] = replace(entry, id=identifier)
        return found

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Checklist items in the order of their files."""
        return tuple(_item(path, name) for name, path in self._files("checklists"))

    def empty_roots(self) -> tuple[Path, ...]:
        """Folders that hold no entry at all: whoever named one expects something of it."""
        return tuple(
            root
            for root in self.roots
            if not any(_entries(root / folder, pattern) for folder, pattern in PATTERNS.items())
        )

    def _files(self, folder: str) -> Iterator[tuple[str, Path]]:
        for root in self.roots:
            for path in _entries(root / folder, PATTERNS[folder]):
                inside = path.relative_to(root / folder).with_suffix("")
                yield ".".join(inside.parts), path


def _entries(folder: Path, pattern: str) -> list[Path]:
    return sorted(
        path
        for path in folder.glob(pattern)
        if path.suffix in (".py", ".toml") and not path.name.startswith(("_", "."))
    )


def _refuse_misplaced(root: Path) -> None:
    """A file that would be passed over in silence is taken for one that was run."""
    for folder, pattern in PATTERNS.items():
        everywhere = _entries(root / folder, f"**/*{Path(pattern).suffix}")
        misplaced = sorted({*everywhere} - {*_entries(root / folder, pattern)})
        if misplaced:
            raise CatalogError(
                f"{misplaced[0]} is not where an entry is looked for: {folder}/{pattern}",
                remedy="Move it there, or let its name begin with '_'.",
            )


def _refuse_second(found: dict[str, Scenario] | dict[str, Exporter], name: str, path: Path) -> None:
    if name in found:
        raise CatalogError(
            f"{path}: there already is an entry {name}", remedy="Rename one of the two files."
        )


def _item(path: Path, identifier: str) -> Item:
    try:
        item = TypeAdapter(Item).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogError(f"{path}: {error}", remedy="See CONTRIBUTING.md, 'an item'.") from error
    return replace(item, id=identifier)
