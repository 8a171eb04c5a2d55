"""Processes and whatever else the target file's commands can break. No shell reads them; they have
a time-out; what they print is told when they fail.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from golive.adapters.waiting import until
from golive.errors import HealError, UnobservableError
from golive.model.fault import Blow
from golive.model.target import ProcessControl

# A worker that is told to end may finish its job first.
COMMAND_SECONDS = 180.0
STATUS_SECONDS = 10.0
BACK_SECONDS = 30.0
"""How long a role may take to come back, by itself or when it was started."""
ABANDONED_BACK_SECONDS = 5.0
"""The same where nobody waits any more to see it, or where the command that starts it failed."""
STRUCK_SECONDS = 10.0
TAIL_CHARACTERS = 2000

RUNNING = "running"
GONE = "gone"
"""What `status` prints where the whole deployment has ended: nothing is left to mend."""
STRUCK = {"pause": "paused", "stop": "stopped"}
"""What `status` prints after the blows that last."""
MENDED_BY = {"pause": "resume"}
"""The command that undoes a blow, where that is not `start`."""

Started = Callable[[int], None]
"""Is told the pid of a command that was started."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended: all that it printed; how it failed, empty where it did not."""

    said: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Command:
    """A command of the target file, and the folder that it is run in."""

    key: str
    words: tuple[str, ...]
    folder: str

    @classmethod
    def of(cls, key: str, line: str | None) -> "Command":
        """The command at a key. Raises UnobservableError where the file does not give it."""
        if line is None:
            raise UnobservableError(key, "the target file does not give this command")
        try:
            words = tuple(shlex.split(line))
        except ValueError as error:
            raise UnobservableError(key, f"it cannot be split into words: {error}") from error
        if not words:
            raise UnobservableError(key, "the command is empty")
        return cls(key, words, str(Path.cwd()))

    def run(self, within_seconds: float = COMMAND_SECONDS, started: Started | None = None) -> Ran:
        """Run it to its end."""
        # Files, not pipes: a server that it leaves behind would keep a pipe open for ever.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    self.words,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    # A Ctrl-C at the terminal is for us; a command that mends must go on.
                    start_new_session=True,
                )
            except OSError as error:
                return Ran(problem=f"it cannot be run: {error.filename}: {error.strerror}")
            if started is not None:
                started(process.pid)
            problem = _ending(process, within_seconds)
            said = _text(out)
            if problem:
                told = (one.strip()[-TAIL_CHARACTERS:] for one in (said, _text(err)))
                problem = "\n".join(filter(None, (problem, *told)))
            return Ran(said, problem)

    def must(self, started: Started | None = None) -> None:
        """Run it. Raises UnobservableError where it fails."""
        ran = self.run(started=started)
        if ran.problem:
            raise UnobservableError(self.key, ran.problem)


def _ending(process: subprocess.Popen[bytes], within_seconds: float) -> str:
    """Wait; what was wrong with the end."""
    try:
        code = process.wait(within_seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        return f"it did not end within {within_seconds:g} s"
    except BaseException:
        # We are interrupted. What mends is begun anew then, and must not be done twice at once.
        _kill(process)
        raise
    return "" if code == 0 else f"it ended with {code}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


@dataclass(frozen=True)
class ProcessCure:
    """Has a role running again. It is given `alone_seconds` to come back by itself."""

    status: Command
    mend: Command
    alone_seconds: float
    what: str
    kind: Literal["process"] = "process"

    @classmethod
    def of(cls, role: str, blow: Blow, control: ProcessControl) -> "ProcessCure":
        """What undoes a blow. Raises UnobservableError where the target file does not say it."""
        name = MENDED_BY.get(blow, "start")
        return cls(
            status=Command.of(f"faults.processes.{role}.status", control.status),
            mend=Command.of(f"faults.processes.{role}.{name}", getattr(control, name)),
            alone_seconds=0.0 if blow in STRUCK else BACK_SECONDS,
            what=f"{blow} {role}",
        )

    def heal(self, *, abandoned: bool = False) -> bool:
        """Wait for the role, mend it where that is needed, and prove that it runs; whether it had
        to be mended. Raises HealError.
        """
        alone = min(self.alone_seconds, ABANDONED_BACK_SECONDS) if abandoned else self.alone_seconds
        if self.prints(RUNNING, within_seconds=alone) or (abandoned and self._word() == GONE):
            return False
        mended = self.mend.run()
        back = ABANDONED_BACK_SECONDS if mended.problem else BACK_SECONDS
        if not self.prints(RUNNING, within_seconds=back):
            reason = mended.problem or self._told()
            raise HealError(f"{self.what} could not be healed: {self.mend.key}: {reason}")
        return True

    def require(self, word: str) -> None:
        """Raise UnobservableError unless `status` prints the word soon."""
        if not self.prints(word, within_seconds=STRUCK_SECONDS):
            raise UnobservableError(self.status.key, f"after {self.what}: {self._told()}")

    def prints(self, word: str, *, within_seconds: float) -> bool:
        """Whether `status` prints the word before the time is over."""
        return until(self._word, lambda one: one == word, within_seconds=within_seconds) == word

    def _word(self) -> str:
        ran = self.status.run(STATUS_SECONDS)
        return "" if ran.problem else ran.said.strip()

    def _told(self) -> str:
        ran = self.status.run(STATUS_SECONDS)
        return ran.problem or f"status prints {ran.said.strip()!r}"


@dataclass(frozen=True)
class CommandCure:
    """Mends by a command alone, whose good end is the proof."""

    end: Command
    what: str
    kind: Literal["command"] = "command"

    def heal(self, *, abandoned: bool = False) -> bool:
        """Run it. Raises HealError where it fails."""
        del abandoned
        ran = self.end.run()
        if ran.problem:
            raise HealError(f"{self.what} could not be healed: {self.end.key}: {ran.problem}")
        return True
