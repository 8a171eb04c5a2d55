"""The journal of what is broken: there before the fault, private, gone with the last heal."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from golive.adapters.faults.abandoned import heal_abandoned
from golive.adapters.faults.commands import Command, CommandCure, ProcessCure
from golive.adapters.faults.journal import Broken, Entry, Journal, read, save, sole_healer
from golive.adapters.faults.toxiproxy import ProxyCure, ToxicCure
from golive.adapters.native.processes import Identity
from golive.errors import ConfigurationError

# Nobody listens there: whatever a Toxiproxy did is gone with it.
NOBODY = "http://127.0.0.1:9"


def command(folder: Path, *words: str) -> Command:
    """A command of a target file."""
    return Command("faults.commands.x.end", words, str(folder))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal of this process."""
    return Journal(tmp_path / "faults")


@pytest.fixture
def dead() -> Identity:
    """A process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        identity = Identity.of(process.pid)
        assert identity is not None
        process.communicate(b"\n")
    return identity


def test_every_kind_of_cure_is_read_back(journal: Journal, tmp_path: Path) -> None:
    """What heals is data, whole and without loss."""
    line = command(tmp_path, "true", "a b", "ä")
    cures = [
        ToxicCure(NOBODY, "p", "golive-1", "toxic"),
        ProxyCure(NOBODY, "p", "cut"),
        ProcessCure(line, replace(line, words=("start",)), 30.0, "kill worker"),
        CommandCure(line, "command quota"),
    ]
    for cure in cures:
        journal.note(journal.mark(), cure)
    journal.note_blow(next(iter(journal.left())), os.getpid())

    broken = read(journal.path)

    assert broken is not None
    assert broken.owner == Identity.of(os.getpid())
    assert [entry.cure for entry in broken.entries.values()] == cures
    blows = [entry.blow for entry in broken.entries.values()]
    assert blows == [Identity.of(os.getpid()), None, None, None]


def test_only_its_owner_may_read_it(journal: Journal) -> None:
    """Commands of a target file are nobody else's business."""
    journal.note("x", ProxyCure(NOBODY, "p", "cut"))

    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_it_is_gone_with_the_last_heal(journal: Journal) -> None:
    """No file means nothing is broken; striking twice does no harm."""
    for name in ("a", "b"):
        journal.note(name, ProxyCure(NOBODY, name, "cut"))
    journal.strike("a")
    broken = read(journal.path)
    assert broken is not None
    assert list(broken.entries) == ["b"]

    journal.strike("b")
    journal.strike("b")

    assert list(journal.path.parent.iterdir()) == []


def test_nothing_is_broken_without_a_note(tmp_path: Path) -> None:
    """Where it cannot be written, that is an error, and the name of the file is said."""
    (tmp_path / "faults").write_text("no folder")
    journal = Journal(tmp_path / "faults")

    with pytest.raises(ConfigurationError, match=str(journal.path)):
        journal.note("x", ProxyCure(NOBODY, "p", "cut"))


def test_marks_are_nobody_elses(tmp_path: Path) -> None:
    """Two journals of one process, and two faults of one journal, never share a name."""
    one, other = Journal(tmp_path), Journal(tmp_path)

    marks = {journal.mark() for journal in (one, other) for _ in range(3)}

    assert len(marks) == 6
    assert all(mark.startswith(f"golive-{os.getpid()}-") for mark in marks)


def test_what_cannot_be_healed_is_kept_and_said(tmp_path: Path, dead: Identity) -> None:
    """The rest is healed; the line says why, and what to do."""
    path = tmp_path / "faults" / "1-a.json"
    cannot = CommandCure(command(tmp_path, "sh", "-c", "echo full >&2; exit 3"), "command quota")
    can = CommandCure(command(tmp_path, "touch", "mended"), "command other")
    save(path, Broken(dead, {"a": Entry(cannot), "b": Entry(can)}))
    lines: list[str] = []

    heal_abandoned(lines.append, path.parent)

    assert (tmp_path / "mended").exists()
    broken = read(path)
    assert broken is not None
    assert list(broken.entries) == ["a"]
    healed, kept = lines
    owner = f"golive (pid {dead.pid}), which was killed"
    assert healed == f"healed what {owner}, left broken: command other"
    assert "it ended with 3\nfull" in kept
    assert f"Remove {path}" in kept


def test_a_toxiproxy_that_has_ended_took_its_toxics_along(tmp_path: Path, dead: Identity) -> None:
    """The reference deployment of a killed run ends with it: there is nothing left to heal."""
    path = tmp_path / "1-a.json"
    cures = {"a": ToxicCure(NOBODY, "p", "x", "toxic"), "b": ProxyCure(NOBODY, "p", "cut")}
    save(path, Broken(dead, {name: Entry(cure) for name, cure in cures.items()}))

    heal_abandoned(lambda _line: None, tmp_path)

    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize("word, started", [("gone", False), ("stopped", True), ("running", False)])
def test_a_deployment_that_is_gone_needs_no_start(
    tmp_path: Path, dead: Identity, word: str, started: bool
) -> None:
    """`status` says so; a role that is only stopped is started."""
    status = f"echo $(cat word 2>/dev/null || echo {word})"
    cure = ProcessCure(
        command(tmp_path, "sh", "-c", status),
        command(tmp_path, "sh", "-c", "echo running >word"),
        0.0,
        "stop worker",
    )
    save(tmp_path / "1-a.json", Broken(dead, {"a": Entry(cure)}))

    heal_abandoned(lambda _line: None, tmp_path)

    assert (tmp_path / "word").exists() == started
    assert list(tmp_path.glob("*.json")) == []


def test_a_command_that_still_breaks_is_waited_for(tmp_path: Path, dead: Identity) -> None:
    """What heals before the fault has landed would heal nothing."""
    broken = tmp_path / "broken"
    cure = CommandCure(command(tmp_path, "rm", "broken"), "command quota")
    with subprocess.Popen(["sh", "-c", f"sleep 0.5; touch {broken}"]) as blow:
        identity = Identity.of(blow.pid)
        save(tmp_path / "1-a.json", Broken(dead, {"a": Entry(cure, identity)}))
        os.utime(tmp_path / "1-a.json", (0, 0))

        heal_abandoned(lambda _line: None, tmp_path)

    assert not broken.exists()
    assert list(tmp_path.glob("*.json")) == []


def test_two_do_not_heal_at_once(tmp_path: Path, dead: Identity) -> None:
    """Who comes second is told so, and may try again."""
    path = tmp_path / "1-a.json"
    save(path, Broken(dead, {"a": Entry(ProxyCure(NOBODY, "p", "cut"))}))

    with sole_healer(path) as first, sole_healer(path) as second:
        assert (first, second) == (True, False)
    with sole_healer(path) as again:
        assert again


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"owner": {}, "entries": {}})])
def test_what_is_no_journal_is_said_and_kept(tmp_path: Path, text: str) -> None:
    """Nobody guesses what it meant."""
    path = tmp_path / "1-a.json"
    path.write_text(text)
    lines: list[str] = []

    heal_abandoned(lines.append, tmp_path)

    assert len(lines) == 1
    assert str(path) in lines[0]
    assert path.exists()
