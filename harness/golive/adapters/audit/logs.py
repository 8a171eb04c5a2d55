"""The service's logs: searched for words that must not be there, which are never told."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from golive.adapters.audit.shell import output
from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.setting import Setting
from golive.model.target import ObserveLogs

TAIL_BYTES = 64 * 1024 * 1024


class LogsAdapter:
    """Questions of one step about the logs."""

    def __init__(self, section: ObserveLogs | None, recorder: Recorder) -> None:
        self._section = section or ObserveLogs()
        self._recorder = recorder

    def holding(self, words: Mapping[str, str]) -> tuple[Setting, ...]:
        """For each name, how often its word is there."""
        counts = dict.fromkeys(words, 0)
        with self._recorder.operation("LOGS", words=len(words)) as operation:
            size = 0
            for text in self._texts():
                size += len(text)
                for name, word in words.items():
                    counts[name] += text.count(word.encode())
            operation.ok(bytes=size)
        if not size:
            raise UnobservableError("logs", "they are empty, and so hold nothing at all")
        return tuple(Setting("logs", name, count) for name, count in counts.items())

    def readers(self) -> tuple[Setting, ...]:
        """Whether others than owner and group can come to each file and read it."""
        with self._recorder.operation("LOGS readers") as operation:
            found = {file: _is_open(Path(file)) for file in self._section.files}
            operation.ok(files=len(found))
        return tuple(
            Setting(file, "others can read it", is_open) for file, is_open in found.items()
        )

    def _texts(self) -> Iterator[bytes]:
        for file in self._section.files:
            try:
                with Path(file).open("rb") as log:
                    log.seek(max(0, Path(file).stat().st_size - TAIL_BYTES))
                    yield log.read()
            except OSError as error:
                raise UnobservableError(file, str(error)) from error
        if self._section.command is not None:
            yield output("observe.logs.command", self._section.command)[-TAIL_BYTES:]


def _is_open(file: Path) -> bool:
    try:
        passable = all(folder.stat().st_mode & stat.S_IXOTH for folder in file.parents)
        return passable and bool(file.stat().st_mode & stat.S_IROTH)
    except OSError as error:
        raise UnobservableError(str(file), str(error)) from error
