"""The logbook of a checklist: added to, never altered."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from golive.errors import LedgerError
from golive.ledger.logbook import HEAD, LOGBOOK, LogbookFolder, whose
from golive.model.logbook import Kind, Record


def signed(name: str) -> Record:
    """A signature."""
    return Record(
        Kind.SIGNED, name, "2026-01-05T12:00:00+00:00", "Zoë Ångström", "c0ffee", note="✓"
    )


@pytest.fixture
def book(tmp_path: Path) -> LogbookFolder:
    """A logbook with three signatures."""
    made = LogbookFolder.of(tmp_path, "l", "t", "t (local)")
    for name in ("l.a", "l.b", "l.c"):
        made.append(signed(name))
    return made


def lines_of(book: LogbookFolder) -> list[str]:
    """Its lines as they lie on disk."""
    return (book.path / LOGBOOK).read_text().splitlines()


def rewrite(book: LogbookFolder, lines: list[str]) -> None:
    """Put other lines in their place."""
    (book.path / LOGBOOK).write_text("".join(f"{line}\n" for line in lines))


def test_records_come_back_as_they_were(book: LogbookFolder) -> None:
    """Names, notes and order, whatever their letters."""
    read = book.read()

    assert read.records == (signed("l.a"), signed("l.b"), signed("l.c"))
    assert read.damage == ""


def edited(lines: list[str]) -> list[str]:
    """Another name under the second signature."""
    return [lines[0], lines[1].replace("Zoë", "Zoe"), lines[2]]


def recomputed(lines: list[str]) -> list[str]:
    """The last signature once more, with the hash of another line."""
    other = {**json.loads(lines[2]), "sha256": json.loads(lines[1])["sha256"]}
    return [*lines[:2], json.dumps(other)]


@pytest.mark.parametrize(
    "alter, line",
    [
        (edited, 2),
        (recomputed, 3),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: lines[:2], 3),
        (lambda _: [], 1),
        (lambda lines: [*lines[:2], "not JSON"], 3),
    ],
    ids=["edited", "rehashed", "removed", "moved", "repeated", "cut", "emptied", "overwritten"],
)
def test_what_was_altered_is_named_by_its_line(book: LogbookFolder, alter, line: int) -> None:
    """Edited, removed, moved, repeated or cut off: the line is named, and nothing is added."""
    rewrite(book, alter(lines_of(book)))

    assert f"line {line} " in book.read().damage
    with pytest.raises(LedgerError, match=f"line {line} "):
        book.append(signed("l.d"))


def test_a_logbook_without_its_head_is_not_trusted(book: LogbookFolder) -> None:
    """Else cutting lines off would not show."""
    (book.path / HEAD).unlink()

    assert "head.json is gone" in book.read().damage


@pytest.mark.parametrize("name, about", [("l", "another"), ("another", "t (local)")])
def test_signatures_hold_for_one_list_and_one_target(
    book: LogbookFolder, name: str, about: str
) -> None:
    """A logbook that is put in the place of another does not fit there."""
    assert "line 1 " in LogbookFolder(book.path, name, about).read().damage


def test_targets_of_one_name_have_logbooks_of_their_own(book: LogbookFolder) -> None:
    """What staging has shown proves nothing of a production that is called the same."""
    other = LogbookFolder.of(book.path.parent, "l", "t", whose("t", "production", "https://t"))

    assert other.path != book.path
    assert other.read().records == ()
    assert other.path.name.startswith("l-t-")


def test_a_folder_that_is_not_ours_is_a_sentence(tmp_path: Path) -> None:
    """A file in the way of the folder is named, with no traceback."""
    (tmp_path / "lists").write_text("")

    with pytest.raises(LedgerError, match="cannot be written"):
        LogbookFolder.of(tmp_path / "lists", "l", "t", "t").append(signed("l.a"))


def test_a_line_that_was_being_written_is_no_damage(book: LogbookFolder) -> None:
    """A process that was killed in the middle leaves half a line, which the next one replaces."""
    with (book.path / LOGBOOK).open("a") as file:
        file.write('{"number": 4, "previous')

    assert len(book.read().records) == 3
    book.append(signed("l.d"))
    assert [one.subject for one in book.read().records] == ["l.a", "l.b", "l.c", "l.d"]


def test_a_line_whose_head_was_not_written_yet_counts(book: LogbookFolder) -> None:
    """Killed between the two, the record is there and the next one follows it."""
    head = (book.path / HEAD).read_text()
    book.append(signed("l.d"))
    (book.path / HEAD).write_text(head)

    assert len(book.read().records) == 4
    book.append(signed("l.e"))
    assert book.read().damage == ""


def test_several_people_sign_at_once(tmp_path: Path) -> None:
    """No signature is lost and the chain holds."""
    book = LogbookFolder.of(tmp_path, "l", "t", "t (local)")
    names = [f"l.{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as people:
        list(people.map(book.append, map(signed, names)))

    assert sorted(one.subject for one in book.read().records) == sorted(names)
    assert book.read().damage == ""


def test_one_at_a_time_runs_a_list(book: LogbookFolder) -> None:
    """The second is told who runs it; signing goes on meanwhile."""
    with book.running("A. Person"):
        with (
            pytest.raises(LedgerError, match=r"being run on t \(local\) by A\. Person"),
            book.running("B"),
        ):
            pass
        book.append(signed("l.d"))
    with book.running("B"):
        pass
