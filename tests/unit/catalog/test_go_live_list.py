"""The list of a go-live against the epic, the catalog and itself."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from golive.catalog.catalog import Catalog
from golive.catalog.epic import built_in_epic, read_epic
from golive.model.checklist import SECTIONS, Item, in_order, unsound
from golive.model.epic import Epic, owed, references

SMOKE = [
    *("health", "upload_stored", "upload_processed", "download"),
    *("webhook", "webhook_duplicate", "job_processed", "database"),
]


@cache
def catalog() -> Catalog:
    """What comes with golive."""
    return Catalog.of()


@cache
def epic() -> Epic:
    """The epic as data."""
    return read_epic(built_in_epic())


def go_live() -> list[Item]:
    """The items of the list."""
    return [item for item in catalog().items if item.list == "go_live"]


def missing(items: Sequence[Item]) -> set[str]:
    """What of the epic no item stands for."""
    return {*owed(epic())} - {name for item in items for name in item.proves}


def unknown(items: Sequence[Item]) -> set[str]:
    """What items stand for that the epic does not say."""
    return {name for item in items for name in item.proves} - references(epic()).keys()


def test_every_criterion_task_and_metric_is_an_item() -> None:
    """The epic and the list name the same things, in both directions."""
    assert missing(go_live()) == set()
    assert unknown(go_live()) == set()


@pytest.mark.parametrize("name", sorted(owed(epic())))
def test_an_item_that_is_taken_away_is_missed(name: str) -> None:
    """Whatever it stood for, its absence shows."""
    left = [item for item in go_live() if name not in item.proves]

    assert name in missing(left)


def test_an_item_for_what_nobody_asked_shows() -> None:
    """A criterion that the epic does not have is a slip of the pen."""
    assert unknown([replace(go_live()[0], proves=("THR-200/9",))]) == {"THR-200/9"}


def test_the_epic_is_whole() -> None:
    """26 tasks, 30 criteria of stories, five of the epic, eight metrics, four put off."""
    stories = epic().stories

    assert sum(len(story.tasks) for story in stories) == 26
    assert sum(len(story.criteria) for story in stories) == 30
    assert len(epic().criteria) == 5
    assert len(epic().technical_metrics) + len(epic().business_metrics) == 8
    assert [later.id for later in epic().later] == ["THR-700", "THR-701", "THR-702", "THR-703"]


def test_the_five_sections_are_there_in_order() -> None:
    """Pre-deployment, deployment, smoke, integration, monitoring."""
    sections = [item.section for item in in_order(go_live())]

    assert list(dict.fromkeys(sections)) == list(SECTIONS)


def test_the_eight_smoke_tests_are_eight_items() -> None:
    """Each test of THR-602 is the item of one finding, in the epic's order."""
    own = {name: item for item in go_live() for name in item.proves}

    assert [own[f"THR-602/{number}"].findings for number in range(1, 9)] == [
        (f"smoke.{name}",) for name in SMOKE
    ]


@pytest.mark.parametrize("item", go_live(), ids=lambda item: item.name)
def test_an_item_can_be_worked_off(item: Item) -> None:
    """It has a section, an owner, and rests on findings that exist, a command or a signature."""
    assert item.section
    assert item.owner
    assert item.findings or item.command or item.signature
    assert {*item.findings} <= catalog().judged.keys()


def test_what_is_wrong_with_a_list_is_said() -> None:
    """Circles, items that are not there, and placeholders that nobody fills."""
    one = Item("s", "w", id="l.a", signature="QA", depends_on=("b",))
    two = Item("s", "w", id="l.b", command=("x", "{versoin}"), depends_on=("a", "c"))

    wrong = list(unsound([one, two]))

    assert any("l.b depends on l.c, which is not there" in sentence for sentence in wrong)
    assert any("wait for each other" in sentence for sentence in wrong)
    assert any("{versoin}" in sentence for sentence in wrong)
