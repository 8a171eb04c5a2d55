"""Files that are imported by hand: read back, they say what the epic says."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from golive.adapters.exporting.sheet import harmless
from golive.catalog.epic import built_in_epic, read_epic
from golive.model.ticket import Kind, Ticket, read_mark, tickets_of

TICKETS = {ticket.key: ticket for ticket in tickets_of(read_epic(built_in_epic()))}

EVIL = r"""
id = "EVIL-1"
title = "x"
priority = "critical"
points = 1
owner = "+1"
area = "=a"
description = "=HYPERLINK(\"http://evil.test\")"
[[tasks]]
id = "EVIL-2"
title = "y"
priority = "critical"
points = 1
estimate_minutes = 5
description = "\t @SUM(A1)"
"""

Columns = dict[str, list[str]]
ReadBack = Callable[..., list[Columns]]


@pytest.fixture
def exported(export, tmp_path: Path) -> ReadBack:
    """Exports to CSV and reads it back: for each row its values by header, repeated or not."""

    def read(name: str, *words: str | Path) -> list[Columns]:
        ran = export("--to", name, "--as", "csv", "--out", tmp_path / "files", *words)
        assert ran.code == 0, ran.err
        text = (tmp_path / "files" / f"{name}.csv").read_bytes().decode()
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return [_columns(header, row) for row in rows]

    return read


def _columns(header: list[str], row: list[str]) -> Columns:
    assert len(header) == len(row)
    found: Columns = {name: [] for name in header}
    for name, value in zip(header, row, strict=True):
        found[name] += [value] if value else []
    return found


def keyed(rows: list[Columns], column: str) -> dict[str, Columns]:
    """Rows by key, which begins the title."""
    found = {row[column][0].partition(":")[0]: row for row in rows}
    assert found.keys() == TICKETS.keys()
    assert len(found) == len(rows) == 37
    return found


def points(ticket: Ticket) -> list[str]:
    """As a cell says them."""
    return [] if ticket.points is None else [str(ticket.points)]


def test_jira_reads_the_epic(exported: ReadBack) -> None:
    """Parents first, by ids of the file; types, points, labels; who blocks whom."""
    rows = exported("jira")
    found = keyed(rows, "Summary")
    ids = {key: row["Issue ID"][0] for key, row in found.items()}
    seen: set[str] = set()
    blocking: dict[str, set[str]] = {key: set() for key in TICKETS}
    for row in rows:
        assert set(row["Parent"]) <= seen, "a parent comes behind its child"
        seen |= set(row["Issue ID"])
    for key, row in found.items():
        ticket = TICKETS[key]
        of_epic = ticket.kind in (Kind.EPIC, Kind.STORY)
        assert row["Issue Type"] == ["Epic" if of_epic else "Story"]
        assert row["Parent"] == ([ids[ticket.parent]] if ticket.kind is Kind.TASK else [])
        assert row["Story Points"] == points(ticket)
        assert row["Labels"] == list(ticket.labels())
        for name in row["Outward issue link (Blocks)"]:
            (blocked,) = (other for other, number in ids.items() if number == name)
            blocking[blocked].add(key)
    assert blocking == {key: set(ticket.blocked_by) for key, ticket in TICKETS.items()}
    assert len(seen) == 37


def test_linear_reads_what_its_importer_can(exported: ReadBack) -> None:
    """Whole hours, priorities by its names, labels apart by a comma and a blank."""
    found = keyed(exported("linear"), "Title")

    assert found["THR-302"]["Estimate"] == ["1"]
    assert found["THR-604"]["Estimate"] == ["24"]
    assert found["THR-100"]["Estimate"] == []
    priorities = {"critical": "Urgent", "important": "High", "later": "Low"}
    for key, row in found.items():
        assert row["Priority"] == [priorities[TICKETS[key].priority]]
        assert row["Labels"] == ([f"area:{TICKETS[key].area}"] if TICKETS[key].area else [])
        assert row["Status"] == ["Todo"]


def test_clickup_reads_the_epic(exported: ReadBack) -> None:
    """Headers are unique; parents, subtasks, tags and points are there."""
    rows = exported("clickup")
    found = keyed(rows, "Task Name")

    assert found["THR-GO-LIVE-V1"]["Task Name"] == ["THR-GO-LIVE-V1: Go-Live v1 Epic"]
    for key, row in found.items():
        ticket = TICKETS[key]
        below = [one.key for one in TICKETS.values() if one.parent == key]
        assert row["Parent ID"] == ([ticket.parent] if ticket.parent else [])
        assert row["Subtask IDs"] == ([",".join(below)] if below else [])
        assert row["Story Points"] == points(ticket)
        assert row["Tags"] == [",".join(ticket.labels())]
        assert row["Waiting On"] == ([",".join(ticket.blocked_by)] if ticket.blocked_by else [])


@pytest.mark.parametrize("name", ["jira", "linear", "clickup"])
def test_an_imported_ticket_is_known_later(exported: ReadBack, name: str) -> None:
    """Descriptions end with the mark, so that an export by API updates what was imported."""
    for row in exported(name):
        (description,) = row["Description"]
        key, _ = read_mark(description) or ("", "")
        assert key in TICKETS


@pytest.mark.parametrize("name", ["jira", "linear", "clickup"])
def test_a_cell_is_no_formula(exported: ReadBack, epic: Path, name: str) -> None:
    """Whatever a description begins with, a spreadsheet program takes it for text."""
    (epic / "thr-700.toml").write_text(EVIL)

    rows = exported(name, "--epic", epic)

    cells = [value for row in rows for values in row.values() for value in values]
    assert not [cell for cell in cells if cell != harmless(cell)]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\r=", "  =1", "＝1"])  # noqa: RUF001
def test_signs_that_begin_a_formula(text: str) -> None:
    """Also behind blanks, and in full width."""
    assert harmless(text) == f"'{text}"


def test_a_dry_run_writes_no_file(export, tmp_path: Path) -> None:
    """It prints the file instead."""
    ran = export("--to", "jira", "--as", "csv", "--out", tmp_path / "files", "--dry-run")

    assert ran.code == 0
    assert "THR-603: Deploy to production" in ran.out
    assert not (tmp_path / "files").exists()


def test_a_way_that_is_none_is_refused(export) -> None:
    """The sentence says which there are."""
    ran = export("--to", "github", "--as", "csv")

    assert ran.code == 3
    assert "There are api, script." in ran.err


def test_an_epic_that_names_nobody_is_refused(export, epic: Path) -> None:
    """A dependency on a key that is not there would be lost in silence."""
    path = epic / "thr-400.toml"
    path.write_text(path.read_text().replace('"THR-100"', '"THR-199"', 1))

    ran = export("--to", "jira", "--as", "csv", "--epic", epic)

    assert ran.code == 3
    assert "THR-400 depends on THR-199" in ran.err
