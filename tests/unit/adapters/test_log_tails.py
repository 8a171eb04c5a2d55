"""What was added to logs since the last look: nothing is skipped, or it is said."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from golive.adapters.monitoring.log_tails import SERVER_ERROR, LogTails
from golive.model.monitoring.ports import LogTail
from golive.model.target import ObserveLogs

WELL = '10.0.0.1 [now] "POST /hook HTTP/1.1" 200 12\n'
BROKEN = '10.0.0.1 [now] "POST /hook HTTP/1.1" 500 12\n'


def read(file: Path, begun: Mapping[str, str]) -> LogTail:
    """One look at a file."""
    (tail,) = LogTails(ObserveLogs(files=(str(file),)), begun).read()
    return tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one line."""
    path = tmp_path / "api.log"
    path.write_text(WELL)
    return path


def begun(log: Path) -> dict[str, str]:
    """Where the next look at it begins."""
    return {str(log): read(log, {}).begun}


def test_only_what_was_added_is_counted(log: Path) -> None:
    """Also where a line is still being written: it waits for the next look."""
    before = begun(log)
    with log.open("a") as file:
        file.write(f"{BROKEN}{WELL}half")

    tail = read(log, before)

    assert (tail.lines, tail.server_errors, tail.error) == (2, 1, "")


def test_a_file_that_was_not_there_is_read_as_a_whole_later(tmp_path: Path) -> None:
    """Its first line may be the error that everybody looks for."""
    path = tmp_path / "late.log"
    missing = read(path, {})
    path.write_text(BROKEN)

    tail = read(path, {str(path): missing.begun})

    assert missing.error == "No such file or directory"
    assert (tail.lines, tail.server_errors, tail.error) == (1, 1, "")


@pytest.mark.parametrize("name", ["api.log.1", "api.log-20260105", "api.log.2026-01-05"])
def test_the_rest_of_a_rotated_file_is_counted(log: Path, name: str) -> None:
    """Whatever it is called now, it lies beside the new one."""
    before = begun(log)
    with log.open("a") as file:
        file.write(BROKEN)
    log.rename(log.with_name(name))
    log.write_text(WELL)

    tail = read(log, before)

    assert (tail.lines, tail.server_errors, tail.error) == (2, 1, "")


def test_a_file_that_was_copied_and_cut_is_counted(log: Path) -> None:
    """The copy has what was added before it was cut."""
    before = begun(log)
    log.with_name("api.log.1").write_text(log.read_text() + BROKEN)
    os.truncate(log, 0)

    tail = read(log, before)

    assert (tail.lines, tail.server_errors, tail.error) == (1, 1, "")


def test_a_rotation_that_took_lines_away_is_said(log: Path) -> None:
    """Packed at once or removed: nobody can say what was in it, so nothing is claimed."""
    before = begun(log)
    log.rename(log.with_name("api.log.new"))
    log.with_name("api.log.new").rename(log.parent / "elsewhere")
    log.write_text(WELL)

    tail = read(log, before)

    assert tail.lines == 1
    assert "the rest of the old file is not beside it" in tail.error


def printed(path: Path, text: str, before: str = "") -> LogTail:
    """One look at what a command prints."""
    path.write_text(text)
    section = ObserveLogs(command=shlex.join(["cat", str(path)]))
    (tail,) = LogTails(section, {"command": before} if before else {}).read()
    return tail


def lines(first: int, last: int, broken: int = -1) -> str:
    """Numbered lines, one of which tells of a 500."""
    words = (f"{number} {BROKEN if number == broken else WELL}" for number in range(first, last))
    return "".join(words)


def test_a_command_that_prints_all_is_read_on(tmp_path: Path) -> None:
    """Only what it prints behind what it printed before."""
    first = printed(tmp_path / "x", lines(0, 10, broken=3))

    tail = printed(tmp_path / "x", lines(0, 14, broken=12), first.begun)

    assert (tail.lines, tail.server_errors, tail.error) == (4, 1, "")


def test_a_command_that_prints_the_end_is_known_again(tmp_path: Path) -> None:
    """`--tail 10` moves on: its overlap is looked for, and the rest is new."""
    first = printed(tmp_path / "x", lines(0, 10))

    tail = printed(tmp_path / "x", lines(4, 14, broken=12), first.begun)

    assert (tail.lines, tail.server_errors, tail.error) == (4, 1, "")


def test_a_command_that_has_moved_too_far_is_said(tmp_path: Path) -> None:
    """Lines between the two looks were printed to nobody."""
    first = printed(tmp_path / "x", lines(0, 10))

    tail = printed(tmp_path / "x", lines(40, 50), first.begun)

    assert tail.error == "it does not go on from what it printed"


def test_a_command_that_begins_anew_is_read_as_a_whole(tmp_path: Path) -> None:
    """It prints less than before: another log."""
    first = printed(tmp_path / "x", lines(0, 10))

    tail = printed(tmp_path / "x", lines(100, 103, broken=101), first.begun)

    assert (tail.lines, tail.server_errors, tail.error) == (3, 1, "")


@pytest.mark.parametrize(
    "line, told",
    [
        ('{"status": 503, "path": "/"}', True),
        ('10.0.0.1 - "GET / HTTP/1.1" 500 12', True),
        ('INFO: 10.0.0.1:1 - "GET / HTTP/1.1" 500 Internal Server Error', True),
        ("[E 260105 08:00:00 web:2348] 500 POST /api (10.0.0.1) 3.01ms", True),
        ("Completed 500 Internal Server Error in 5ms", True),
        ("[2026-01-05] production.ERROR: it broke", True),
        ('10.0.0.1 - "GET / HTTP/1.1" 200 500', False),
        ("took 500 ms", False),
        ("Completed 200 OK in 500ms", False),
    ],
)
def test_lines_that_tell_of_a_server_error(line: str, told: bool) -> None:
    """As the servers and frameworks of the field write them, and no others."""
    assert (SERVER_ERROR.search(line.encode()) is not None) is told
