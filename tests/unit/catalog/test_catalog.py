"""The catalog: found by folder, loaded by path, one file one entry, no list to keep."""

from pathlib import Path

import pytest

from golive.catalog.catalog import Catalog
from golive.errors import CatalogError

SCENARIO = '''
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, passed, scenario


@dataclass(frozen=True)
class Seen:
    """What was seen."""

    number: int


def fine(seen: Sequence[Seen], _slo: Slo) -> Ruling:
    """It was seen."""
    return passed("seen", times=len(seen))


@scenario(needs=[Capability.HTTP], evidence=Seen, check=fine, remediation="none")
def answer(gate: Gate) -> Iterator[Seen]:
    """The answer is seen."""
    with_reply = gate.http.request("GET", gate.url("/health"))
    yield Seen(with_reply.status)
'''
ITEM = 'statement = "S"\nwhy = "W"\nfindings = ["mine.answer"]\n'
FAULT = '''
from contextlib import AbstractContextManager

from golive.api import FaultsPort, Injection, fault


@fault
def unplug(faults: FaultsPort, injection: Injection) -> AbstractContextManager[None]:
    """The plug is pulled."""
    return faults.cut(injection.before)
'''
DRILL = """
from golive.api import Drill, Injection

unplugged = Drill(
    statement="S", code="S99", faults=(Injection("unplug", before="redis"),), remediation="R"
)
"""
EXPORTER = '''
from golive.api import Report, exporter


@exporter(file_name="line.txt")
def render(report: Report) -> str:
    """One line."""
    return report.verdict.decision.value
'''


def put(root: Path, name: str, text: str) -> Path:
    """Write one catalog file."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_one_file_is_one_entry_and_no_other_edit(tmp_path: Path) -> None:
    """A scenario, an item and an exporter are each added by one file in a user's own folder."""
    put(tmp_path, "scenarios/mine/answer.py", SCENARIO)
    put(tmp_path, "checklists/mine/answer.toml", ITEM)
    put(tmp_path, "reports/line.py", EXPORTER)

    catalog = Catalog.of((tmp_path,))

    assert catalog.scenarios["mine.answer"].suite == "mine"
    assert catalog.scenarios["mine.answer"].statement == "The answer is seen."
    assert "mine.answer" in {item.id for item in catalog.items}
    assert catalog.exporters["line"].file_name == "line.txt"


def test_the_built_in_entries_are_there_too() -> None:
    """A user's catalog comes on top of golive's own."""
    catalog = Catalog.of()

    assert "smoke.health" in catalog.scenarios
    assert {"html", "markdown", "junit", "json"} <= catalog.exporters.keys()


def test_one_file_is_one_fault_and_one_file_one_drill(tmp_path: Path) -> None:
    """A drill of a user's own, with a fault of their own, is a scenario of the suite chaos."""
    put(tmp_path, "chaos/faults/unplug.py", FAULT)
    put(tmp_path, "chaos/drills/unplugged.py", DRILL)

    catalog = Catalog.of((tmp_path,))

    scenario = catalog.scenarios["chaos.unplugged"]
    assert scenario.suite == "chaos"
    assert scenario.radius == ("redis: The plug is pulled.",)
    assert scenario.requires[0] == "faults.toxiproxy.proxies.redis"
    assert "chaos.control+unplugged" in catalog.pairs


def test_a_drill_with_a_fault_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A typing error in the name of a fault is told, with those that there are."""
    put(tmp_path, "chaos/drills/unplugged.py", DRILL)

    with pytest.raises(CatalogError, match="there is no fault 'unplug'") as caught:
        _ = Catalog.of((tmp_path,)).scenarios
    assert "reset_peer" in caught.value.remedy


def test_every_built_in_drill_is_whole() -> None:
    """Each has a statement, a remedy and a number of its own, and the numbers have no gap."""
    drills = Catalog.of().drills.values()

    assert all(drill.statement.endswith(".") and drill.remediation for drill in drills)
    assert [drill.code for drill in drills] == [f"S{n}" for n in range(1, len(drills) + 1)]


def test_only_named_folders_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that lie where somebody happens to be are not run, unless their folder is named."""
    mark = tmp_path / "was run"
    evil = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n{SCENARIO}"
    put(tmp_path, "scenarios/mine/answer.py", evil)
    monkeypatch.chdir(tmp_path)

    found = Catalog.of()

    assert "mine.answer" not in found.scenarios
    assert not mark.exists()
    assert "mine.answer" in Catalog.of((tmp_path,)).scenarios
    assert mark.exists()


def test_a_named_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """A typing error in --catalog is not silently an empty catalog."""
    with pytest.raises(CatalogError, match="is not a folder"):
        Catalog.of((tmp_path / "none",))


def test_a_folder_without_entries_is_known_as_empty(tmp_path: Path) -> None:
    """Whoever names a folder expects something of it."""
    put(tmp_path, "scenarios/mine/_draft.py", "")

    assert Catalog.of((tmp_path,)).empty_roots() == (tmp_path,)


@pytest.mark.parametrize(
    "name", ["scenarios/own.py", "scenarios/a/b/own.py", "checklists/own.toml", "reports/a/own.py"]
)
def test_a_file_at_the_wrong_depth_is_refused(tmp_path: Path, name: str) -> None:
    """What would be passed over in silence is named, with the place where it belongs."""
    put(tmp_path, name, "")

    with pytest.raises(CatalogError, match=r"own\..* is not where an entry is looked for"):
        Catalog.of((tmp_path,))


@pytest.mark.parametrize(
    "text, said",
    [
        ("import nonexistent_module", "cannot be loaded: ModuleNotFoundError"),
        ("import sys; sys.exit(0)", "cannot be loaded: SystemExit"),
        ("x = (", "cannot be loaded: SyntaxError"),
        ("x = 1", "defines 0 entries"),
        (SCENARIO + "\nother = scenario", "defines"),
    ],
)
def test_a_broken_file_is_named_with_its_error(tmp_path: Path, text: str, said: str) -> None:
    """The file and the reason are part of the sentence."""
    text = text.replace("other = scenario", "import copy\nother = copy.copy(answer)")
    put(tmp_path, "scenarios/mine/broken.py", text)

    with pytest.raises(CatalogError, match=rf"broken\.py.*{said}"):
        _ = Catalog.of((tmp_path,)).scenarios


def test_two_entries_cannot_share_an_id(tmp_path: Path) -> None:
    """A user's scenario does not silently replace one of golive's."""
    put(tmp_path, "scenarios/smoke/health.py", SCENARIO)

    with pytest.raises(CatalogError, match=r"already is an entry smoke\.health"):
        _ = Catalog.of((tmp_path,)).scenarios


def test_an_item_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    """A typing error in an item is not silently ignored."""
    put(tmp_path, "checklists/mine/answer.toml", ITEM + 'levle = "must"\n')

    with pytest.raises(CatalogError, match="levle"):
        _ = Catalog.of((tmp_path,)).items
