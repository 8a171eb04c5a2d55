"""report.html in a real browser.

With GOLIVE_SCREENSHOTS=<folder> the screenshots of a run are kept there, to be looked at.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import pytest
from pydantic import TypeAdapter

from golive.catalog.catalog import Catalog
from golive.model.ledger import Ledger
from golive.model.plan import Plan
from golive.model.report import Report
from golive.model.verdict import Verdict
from golive.reporting.composing import compose
from golive.reporting.views import views_of
from tests.unit.reporting.written import loaded, step_of

RUNS = Path(__file__).parents[1] / "golden"
SCREENSHOTS = os.environ.get("GOLIVE_SCREENSHOTS", "")
ATTACK = '"><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>'


class Sight(Protocol):
    """What the browser saw: see conftest."""

    requests: list[str]
    complaints: list[str]
    dialogs: list[str]
    measures: dict[str, Any]
    png: bytes


Show = Callable[..., Sight]


@pytest.fixture
def show(look: Callable[..., Sight], window: Callable[..., object], tmp_path: Path) -> Show:
    """Render a report, open it in the browser and say what is seen."""

    def open_report(report: Report, **how: Any) -> Sight:
        page = tmp_path / "report.html"
        page.write_text(Catalog.of().exporters["html"].render(report), encoding="utf-8")
        return look(page, window(**how))

    return open_report


def recorded(name: str) -> Report:
    """The report of a recorded run."""
    run = json.loads((RUNS / f"{name}.run.json").read_text(encoding="utf-8"))
    return compose(
        TypeAdapter(Plan).validate_json(json.dumps(run["plan"])),
        TypeAdapter(Ledger).validate_json(json.dumps(run["ledger"])),
        TypeAdapter(Verdict).validate_json(json.dumps(run["verdict"])),
    )


def poisoned(value: Any, text: str) -> Any:
    """The same nouns with the text in every field that holds one."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(entry, text) for entry in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: poisoned(getattr(value, one.name), text) for one in fields(value)}
        return replace(value, **changes)
    return value


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", ["go", "no_go", "unproven"])
def test_the_page_shows_the_verdict_without_asking_for_anything(
    name: str, size: tuple[int, int], dark: bool, show: Show
) -> None:
    """At both widths and in both schemes: one request, no complaint, the word in sight."""
    seen = show(recorded(name), width=size[0], height=size[1], dark=dark)
    assert [address.partition(":")[0] for address in seen.requests] == ["file"]
    assert seen.complaints == []
    assert seen.measures["text"].startswith(name.upper())
    assert seen.measures["wide"] == []
    assert seen.png.startswith(b"\x89PNG")
    if SCREENSHOTS:
        look = f"{'dark' if dark else 'light'}-{size[0]}"
        (Path(SCREENSHOTS) / f"report-{name}-{look}.png").write_bytes(seen.png)


@pytest.mark.parametrize("unfolded", [False, True], ids=["folded", "unfolded"])
@pytest.mark.parametrize("name", ["go", "no_go", "unproven"])
def test_nothing_sticks_out_of_a_small_phone(name: str, unfolded: bool, show: Show) -> None:
    """At 360 px nothing has to be scrolled sideways, folded or not."""
    seen = show(recorded(name), width=360, height=740, unfolded=unfolded)
    assert seen.measures["wide"] == []
    assert seen.measures["scroll"] <= 360


@pytest.mark.parametrize(
    "text", ["W" * 5000, ATTACK, "\u202e" + "a b " * 500], ids=["long", "attack", "rtl"]
)
def test_a_hostile_report_neither_runs_nor_asks_nor_overflows(text: str, show: Show) -> None:
    """Whatever the target says: no dialog, no request, no error, no sideways scrolling."""
    report = with_a_load(recorded("no_go"))
    seen = show(
        replace(poisoned(report, text), counts=report.counts), width=360, height=740, unfolded=True
    )
    assert seen.dialogs == []
    assert [address.partition(":")[0] for address in seen.requests] == ["file"]
    assert seen.complaints == []
    assert seen.measures["scripts"] == 0
    assert seen.measures["scroll"] <= 360


def with_a_load(report: Report) -> Report:
    """The report with the pictures and tables of a load beside its first finding."""
    view = next(views_of([step_of(loaded())], report.plan.slo))
    return replace(report, views=(replace(view, finding=report.verdict.findings[0].id),))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desktop"])
def test_a_load_is_drawn_without_a_script_at_both_widths(
    size: tuple[int, int], dark: bool, show: Show
) -> None:
    """Eleven pictures with their lines and words, nothing to scroll sideways, nothing asked for."""
    report = with_a_load(recorded("no_go"))
    seen = show(report, width=size[0], height=size[1], dark=dark, unfolded=True)
    assert [address.partition(":")[0] for address in seen.requests] == ["file"]
    assert seen.complaints == []
    assert seen.measures["scripts"] == 0
    assert seen.measures["wide"] == []
    assert seen.measures["scroll"] <= size[0]
    assert len(seen.measures["pictures"]) == 11
    assert all(
        lines and width > 250 and text > 9 for lines, width, text in seen.measures["pictures"]
    )
    assert "<script>alert(1)</script>" in seen.measures["text"]
    if SCREENSHOTS:
        look = f"{'dark' if dark else 'light'}-{size[0]}"
        (Path(SCREENSHOTS) / f"report-load-{look}.png").write_bytes(seen.png)


def test_the_dark_scheme_is_dark(show: Show) -> None:
    """A reader who asked for a dark screen gets one."""
    light = show(recorded("go"), width=1280, height=900)
    dark = show(recorded("go"), width=1280, height=900, dark=True)
    assert _brightness(light.measures["background"]) > 220
    assert _brightness(dark.measures["background"]) < 40


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_unproven_never_has_the_colour_of_go(dark: bool, show: Show) -> None:
    """The three verdicts have three colours."""
    titles = [
        show(recorded(name), width=1280, height=900, dark=dark).measures["title"]
        for name in ("go", "no_go", "unproven")
    ]
    assert len(set(titles)) == 3


def test_eight_folded_findings_fit_a_laptop_screen(show: Show) -> None:
    """A list of eight findings is taken in at one look."""
    heights = show(recorded("no_go"), width=1280, height=900).measures["heights"]
    assert len(heights) == 8
    assert sum(heights) < 600


def test_paper_shows_what_is_folded_on_the_screen(show: Show) -> None:
    """A printed page has the figures and the remedies of every finding."""
    seen = show(recorded("go"), width=794, height=1123, media="print")
    assert all(height > 0 for height in seen.measures["bodies"])


def _brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return 0.3 * red + 0.59 * green + 0.11 * blue
