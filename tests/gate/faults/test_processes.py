"""Faults of processes, by the commands of a target file, on a real process."""

import os
import signal
import time

import pytest

from golive.adapters.faults import commands
from golive.adapters.faults.ward import Ward
from golive.errors import HealError, NotSupervisedError, UnobservableError
from golive.ledger.recorder import RunRecorder
from golive.model.fault import Blow


@pytest.mark.parametrize("blow", ["pause", "stop"])
def test_a_blow_that_lasts_ends_with_the_context(
    on_processes, role, ward: Ward, blow: Blow
) -> None:
    """Inside, the process is paused or gone; afterwards it runs."""
    with on_processes().process("sleeper", blow):
        assert not role.is_running()
        assert ward.journal.path.exists()

    assert role.is_running()
    assert not ward.journal.path.exists()


def test_a_role_that_comes_back_by_itself_is_supervised(on_processes, role) -> None:
    """After its end somebody else has started another one."""
    before = role.pid

    with on_processes().process("sleeper", "terminate"):
        pass

    assert role.pid != before
    assert role.is_running()


def test_a_role_that_stays_away_is_started_and_told(
    on_processes, role, ledger: RunRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody restarts it: it runs in the end all the same, and the fault says who started it."""
    monkeypatch.setattr(commands, "BACK_SECONDS", 1.0)
    before = role.pid

    with (
        pytest.raises(NotSupervisedError, match="sleeper kill"),
        on_processes().process("sleeper", "kill"),
    ):
        assert not role.is_running()

    assert role.pid != before
    assert role.is_running()
    assert ledger.operations[-1].name == "HEAL process sleeper kill"
    assert ledger.operations[-1].facts == {"mended": True}


def test_a_role_that_cannot_be_started_is_the_loudest_error(
    on_processes, role, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is broken stays written down, with the words of the command that failed."""
    monkeypatch.setattr(commands, "BACK_SECONDS", 0.3)

    with (
        pytest.raises(HealError, match=r"(?s)start: it ended with 7.*no such role"),
        on_processes(start=role.line("refuse")).process("sleeper", "stop"),
    ):
        pass

    assert [entry.cure.what for entry in ward.journal.left().values()] == ["stop sleeper"]
    # A person has mended it.
    os.system(role.line("start"))  # noqa: S605 - our own script
    ward.close()
    assert not ward.journal.path.exists()


def test_a_blow_without_effect_is_no_fault(
    on_processes, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause that pauses nothing would let every drill pass."""
    monkeypatch.setattr(commands, "STRUCK_SECONDS", 0.3)

    with (
        pytest.raises(UnobservableError, match="status prints 'running'"),
        on_processes(pause="true").process("sleeper", "pause"),
    ):
        pass

    assert not ward.journal.path.exists()


@pytest.mark.parametrize(
    "command, reason",
    [
        (None, "faults.processes.sleeper.pause: the target file does not give this command"),
        ("false", "faults.processes.sleeper.pause: it ended with 1"),
        ("no-such-program --x", "it cannot be run: no-such-program: No such file"),
        ("sleep 60", "it did not end within 0.3 s"),
        ("sh -c 'kill -9 $$'", "it ended with -9"),
    ],
)
def test_a_command_that_fails_is_named(
    on_processes, role, monkeypatch: pytest.MonkeyPatch, command: str | None, reason: str
) -> None:
    """The key of the target file is said, and what happened; the process runs on."""
    monkeypatch.setattr(commands.Command.run, "__defaults__", (0.3, None))

    with (
        pytest.raises(UnobservableError) as caught,
        on_processes(pause=command).process("sleeper", "pause"),
    ):
        pass

    assert reason in str(caught.value)
    assert role.is_running()


def test_a_server_that_a_command_leaves_behind_keeps_nobody(on_processes, role) -> None:
    """What it starts holds its output open for ever; its own end is what counts."""
    began = time.monotonic()
    leaves = f"sh -c '{role.line('stop')}; sleep 60 & echo $! >{role.folder}/left'"

    with on_processes(stop=leaves).process("sleeper", "stop"):
        os.kill(int((role.folder / "left").read_text()), signal.SIGKILL)

    assert time.monotonic() - began < 10


def test_no_shell_reads_a_command(on_processes) -> None:
    """Words are split, nothing is expanded."""
    with (
        pytest.raises(UnobservableError, match="cannot access '\\$HOME;'"),
        on_processes(pause="ls $HOME; true").process("sleeper", "pause"),
    ):
        pass


def test_a_pair_of_commands_breaks_and_mends(on_processes, role) -> None:
    """One begins, the other ends it, whatever happens in between."""

    def drive() -> None:
        with on_processes().command("quota"):
            assert (role.folder / "broken").exists()
            raise ValueError("in between")

    with pytest.raises(ValueError, match="in between"):
        drive()

    assert not (role.folder / "broken").exists()


def test_an_end_that_fails_is_not_healed(on_processes, ward: Ward) -> None:
    """The good end of the command is the proof; without it the target counts as broken."""
    with (
        pytest.raises(HealError, match=r"faults\.commands\.odd\.end: it ended with 7"),
        on_processes().command("odd"),
    ):
        pass
    assert len(ward.journal.left()) == 1
    ward.journal.strike(*ward.journal.left())


@pytest.mark.parametrize("name", ["nothing", "quotas"])
def test_a_pair_that_is_not_given_is_named(on_processes, name: str) -> None:
    """The key of the target file is said."""
    with (
        pytest.raises(UnobservableError, match=f"faults.commands.{name}"),
        on_processes().command(name),
    ):
        pass


def test_an_interruption_does_not_keep_it_broken(on_processes, role, ward: Ward) -> None:
    """Ctrl-C while it is being healed: it is healed all the same, then the interruption counts."""
    ending = role.folder / "ending"

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt), on_processes().command("slow"):
            signal.setitimer(signal.ITIMER_REAL, 0.25)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert ending.read_text() == "x\nx\n"
    assert not (role.folder / "broken").exists()
    assert not ward.journal.path.exists()


def test_every_kind_of_status_command_is_tried(on_processes, role, ledger: RunRecorder) -> None:
    """The preflight runs it; one that fails is named."""
    on_processes().ask_status()
    with pytest.raises(UnobservableError, match=r"faults\.processes\.sleeper\.status"):
        on_processes(status=role.line("refuse")).ask_status()

    assert ledger.operations[1].facts == {"status": "running"}
