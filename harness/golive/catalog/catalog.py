"""The catalog: every entry of the built-in folders and of the folders that the user named."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

import golive
from golive.api.drilling import scenario_of
from golive.catalog.loading import load_entry
from golive.errors import CatalogError
from golive.model.checklist import Item, unsound
from golive.model.drill import Drill, join_ids, together
from golive.model.exporter import Exporter
from golive.model.fault import Fault
from golive.model.monitoring.schedule import Schedule
from golive.model.scenario import Scenario

T = TypeVar("T")

PATTERNS = {
    "scenarios": "*/*.py",
    "scenarios/monitor/schedules": "*.toml",
    "chaos/faults": "*.py",
    "chaos/drills": "*.py",
    "checklists": "*/*.toml",
    "reports": "*.py",
}
"""Where the entries of each catalog folder lie: `scenarios/<suite>/<name>.py`."""

CHAOS = "chaos"
"""The suite of drills."""


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
        return found | {name: self._scenario(name, drill) for name, drill in self.drills.items()}

    @cached_property
    def drills(self) -> dict[str, Drill]:
        """Drills by id, in the order of their codes."""
        found: dict[str, Drill] = {}
        for name, path in self._files("chaos/drills"):
            identifier = f"{CHAOS}.{name}"
            _refuse_second(found, identifier, path)
            found[identifier] = load_entry(path, f"chaos.drills.{name}", Drill)
        return dict(sorted(found.items(), key=lambda entry: int(entry[1].code.lstrip("S"))))

    @cached_property
    def faults(self) -> dict[str, Fault]:
        """Faults by id."""
        found: dict[str, Fault] = {}
        for name, path in self._files("chaos/faults"):
            _refuse_second(found, name, path)
            found[name] = replace(load_entry(path, f"chaos.faults.{name}", Fault), id=name)
        return found

    @cached_property
    def pairs(self) -> dict[str, Scenario]:
        """Any two drills at once, by `chaos.a+b`: what a game day is made of."""
        couples = combinations(self.drills.items(), 2)
        joined = {join_ids(one, two): together(a, b) for (one, a), (two, b) in couples}
        return {name: self._scenario(name, drill) for name, drill in joined.items()}

    @cached_property
    def judged(self) -> dict[str, Scenario]:
        """Everything that a step of a plan may name."""
        return self.scenarios | self.pairs

    def _scenario(self, identifier: str, drill: Drill) -> Scenario:
        try:
            scenario = scenario_of(drill, identifier, self.faults)
        except LookupError as error:
            raise CatalogError(
                f"{identifier}: {error}", remedy=f"chaos/faults/ has {', '.join(self.faults)}."
            ) from None
        return replace(scenario, id=identifier, suite=CHAOS)

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
        """Checklist items in the order of their files. Raises CatalogError for unsound lists."""
        found = tuple(_item(path, name) for name, path in self._files("checklists"))
        for name in dict.fromkeys(item.list for item in found):
            if wrong := [*unsound([item for item in found if item.list == name])]:
                raise CatalogError(
                    f"checklists/{name}: {'; '.join(wrong)}", remedy="Mend its items."
                )
        return found

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """Schedules of watches by name."""
        found: dict[str, Schedule] = {}
        for name, path in self._files("scenarios/monitor/schedules"):
            _refuse_second(found, name, path)
            found[name] = replace(_read_toml(path, Schedule, "a schedule"), name=name)
        return found

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


def _refuse_second(found: Mapping[str, object], name: str, path: Path) -> None:
    if name in found:
        raise CatalogError(
            f"{path}: there already is an entry {name}", remedy="Rename one of the two files."
        )


def _item(path: Path, identifier: str) -> Item:
    return replace(_read_toml(path, Item, "an item"), id=identifier)


def _read_toml(path: Path, kind: type[T], name: str) -> T:
    try:
        return TypeAdapter(kind).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogError(f"{path}: {error}", remedy=f"See CONTRIBUTING.md, '{name}'.") from error
