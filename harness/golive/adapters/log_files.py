"""The service's logs: files, or a command that prints them."""

import shlex
import subprocess
from pathlib import Path

from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.target import ObserveLogs

COMMAND_TIMEOUT_SECONDS = 20.0


class LogsAdapter:
    """The logs, for one step."""

    def __init__(self, section: ObserveLogs, recorder: Recorder) -> None:
        self._section = section
        self._recorder = recorder

    def lines_with(self, word: str) -> int:
        """How many lines hold a word."""
        with self._recorder.operation("read logs", word=word) as operation:
            lines = sum(text.count(word.encode()) for text in self._texts())
            operation.ok(lines=lines)
        return lines

    def _texts(self) -> list[bytes]:
        try:
            texts = [Path(file).read_bytes() for file in self._section.files]
            if self._section.command:
                texts.append(_printed(self._section.command))
        except (OSError, subprocess.SubprocessError) as error:
            raise UnobservableError("observe.logs", str(error)) from error
        return texts


def _printed(command: str) -> bytes:
    words = shlex.split(command)
    ran = subprocess.run(words, capture_output=True, timeout=COMMAND_TIMEOUT_SECONDS, check=True)
    return ran.stdout + ran.stderr
