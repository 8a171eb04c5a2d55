"""Memory and temporary files of the service, by the target file's commands."""

from collections.abc import Mapping

from golive.adapters.audit.shell import output
from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.target import ObserveFootprint

MEMORY, TEMPORARY = "observe.footprint.memory", "observe.footprint.temporary"


class FootprintAdapter:
    """Questions of one step."""

    def __init__(self, section: ObserveFootprint | None, recorder: Recorder) -> None:
        self._section = section
        self._recorder = recorder

    def memory(self) -> Mapping[str, int]:
        """Resident bytes by the name of the process; of two with one name the larger."""
        found: dict[str, int] = {}
        with self._recorder.operation("MEMORY") as operation:
            for line in (
                output(MEMORY, self._granted().memory).decode(errors="replace").splitlines()
            ):
                name, size_bytes = _read(line)
                found[name] = max(size_bytes, found.get(name, 0))
            if not found:
                raise UnobservableError(MEMORY, "it printed nothing")
            operation.ok(processes=len(found), largest_bytes=max(found.values()))
        return found

    def temporary(self) -> frozenset[str]:
        """A line for each file."""
        with self._recorder.operation("TEMPORARY FILES") as operation:
            printed = output(TEMPORARY, self._granted().temporary).decode(errors="replace")
            found = frozenset(filter(None, map(str.strip, printed.splitlines())))
            operation.ok(files=len(found))
        return found

    def _granted(self) -> ObserveFootprint:
        if self._section is None:
            raise LookupError("the target file has no [observe.footprint]")
        return self._section


def _read(line: str) -> tuple[str, int]:
    name, _, size = line.strip().rpartition(" ")
    if not name or not (size.isascii() and size.isdigit()):
        raise UnobservableError(MEMORY, f"it printed {line[:80]!r}, not `name bytes`")
    return name, int(size)
