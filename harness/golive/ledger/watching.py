"""The ledger of a watch: written line by line, so that it goes on after a kill -9.

`evidence/watch/order.json` is what it was asked to do, `history.ndjson` what happened since.
"""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from golive.errors import LedgerError
from golive.ledger import folder as layout
from golive.ledger.reading import read_operations, read_plan
from golive.ledger.recorder import Redact, RunRecorder
from golive.model.evidence import StepRecord
from golive.model.facts import Facts
from golive.model.monitoring.records import (
    Checked,
    Kind,
    Probe,
    Told,
    WatchHistory,
    WatchOrder,
    merged,
)
from golive.model.plan import Plan
from golive.model.redaction import redacted

ORDER = "evidence/watch/order.json"
HISTORY = "evidence/watch/history.ndjson"
LINE = "line"
"""The key that says what a line of the history is."""

_ORDER = TypeAdapter(WatchOrder)
_PROBE = TypeAdapter(Probe)
_CHECKED = TypeAdapter(Checked)
_TOLD = TypeAdapter(Told)


@dataclass(frozen=True)
class Turn:
    """Which check is being made."""

    number: int
    kind: Kind
    due_seconds: float
    at_seconds: float


class WatchRecorder(RunRecorder):
    """The open ledger of one watch. `clock` gives the time of the watch in seconds."""

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        redact: Redact,
        order: WatchOrder,
        clock: Callable[[], float],
        history: WatchHistory | None = None,
    ) -> None:
        again = history is not None
        super().__init__(folder, plan, redact, again=again)
        self.order = order
        self.turn = Turn(0, Kind.START, 0.0, 0.0)
        self._clock = clock
        self._checks = list(history.checks) if history else []
        self._probes = list(history.probes) if history else []
        self._told = list(history.told) if history else []
        self._ended = list(history.ended or ()) if history else []
        self._sessions = [*(history.sessions if history else ()), round(clock(), 3)]
        self._history_lock = Lock()
        self._lines = self._open(again=again)
        self._append("session", {"at_seconds": self._sessions[-1]})

    def now_seconds(self) -> float:
        """The time of the watch."""
        return self._clock()

    def begin_check(self, number: int, kind: Kind, due_seconds: float) -> None:
        """Say which check is made from now on."""
        self.turn = Turn(number, kind, due_seconds, round(self._clock(), 3))

    def end_check(self) -> None:
        """Say that the check under way has come to its end."""
        with self._history_lock:
            self._ended.append(self.turn.number)
        self._append("ended", {"number": self.turn.number})

    def keep(self, record: StepRecord) -> None:
        """Save what one scenario of the check under way saw."""
        turn = self.turn
        checked = Checked(turn.number, turn.kind, turn.due_seconds, turn.at_seconds, record)
        self._checks.append(checked)
        self._append("check", _CHECKED.dump_python(checked, mode="json"))

    def keep_probe(self, probe: Probe) -> None:
        """Save a light probe."""
        with self._history_lock:
            self._probes.append(probe)
        self._append("probe", _PROBE.dump_python(probe, mode="json"))

    def keep_told(self, told: Told) -> None:
        """Save whether somebody was told."""
        with self._history_lock:
            self._told.append(told)
        self._append("told", _TOLD.dump_python(told, mode="json"))

    def probes_between(self, after_seconds: float, until_seconds: float) -> tuple[Probe, ...]:
        """The light probes that ended in a time."""
        with self._history_lock:
            return tuple(
                one for one in self._probes if after_seconds < one.ends_seconds <= until_seconds
            )

    def before(self, scenario: str) -> tuple[Facts, ...]:
        """The evidence of a scenario's last look that saw anything."""
        for one in reversed(self._checks):
            if one.record.scenario == scenario and one.record.evidence:
                return tuple(entry.facts for entry in one.record.evidence)
        return ()

    @property
    def history(self) -> WatchHistory:
        """All that was written down so far."""
        with self._history_lock:
            return WatchHistory(
                order=self.order,
                probes=tuple(self._probes),
                checks=tuple(self._checks),
                told=tuple(self._told),
                sessions=tuple(self._sessions),
                until_seconds=round(self._clock(), 3),
                ended=tuple(self._ended),
            )

    def seal(self) -> None:
        """End the watch: every scenario's looks as one record, then the seal."""
        self._append("end", {"at_seconds": round(self._clock(), 3)})
        for name in dict.fromkeys(one.record.scenario for one in self._checks):
            super().keep(merged(self.history.of(name)))
        self._lines.close()
        super().seal()

    def _open(self, *, again: bool) -> Any:
        path = self.folder / HISTORY
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = path.open("a", encoding="utf-8", buffering=1)
        if not locked(lines):
            raise LedgerError(
                f"{self.folder.name} is being watched by another golive",
                remedy="Let it go on, or end it first.",
            )
        (self.folder / layout.SEAL).unlink(missing_ok=True)
        self._write(ORDER, _ORDER.dump_python(self.order, mode="json"))
        if again:
            # A line that a kill has torn must not spoil the one after it.
            lines.write("\n")
        return lines

    def _append(self, kind: str, document: Any) -> None:
        text = json.dumps({LINE: kind, **redacted(document, self._redact)})
        with self._history_lock:
            try:
                self._lines.write(text + "\n")
            except OSError as error:
                raise layout.disk_error(self.folder / HISTORY, error) from error


def locked(lines: Any) -> bool:
    """Take the history's lock; False where somebody else has it."""
    try:
        fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_watch(folder: Path) -> bool:
    """Whether a run folder is that of a watch."""
    return (folder / ORDER).is_file()


def read_watch(folder: Path) -> WatchHistory:
    """What a watch has written down. Raises LedgerError."""
    try:
        order = _ORDER.validate_json((folder / ORDER).read_bytes())
        entries = list(_entries(folder / HISTORY))
        history = _assembled(order, entries)
    except (OSError, ValidationError, KeyError, ValueError) as error:
        raise LedgerError(f"the watch in {folder} cannot be read: {error}") from None
    return history


def _assembled(order: WatchOrder, entries: list[tuple[str, Mapping[str, Any]]]) -> WatchHistory:
    def of(kind: str) -> list[Mapping[str, Any]]:
        return [entry for name, entry in entries if name == kind]

    probes = tuple(_PROBE.validate_python(entry) for entry in of("probe"))
    checks = tuple(_CHECKED.validate_python(entry) for entry in of("check"))
    marks = [entry["at_seconds"] for entry in (*of("session"), *of("end"))]
    signs = [*marks, *(one.ends_seconds for one in probes), *(one.at_seconds for one in checks)]
    return WatchHistory(
        order=order,
        probes=probes,
        checks=checks,
        told=tuple(_TOLD.validate_python(entry) for entry in of("told")),
        sessions=tuple(entry["at_seconds"] for entry in of("session")),
        until_seconds=max(signs, default=0.0),
        ended=tuple(entry["number"] for entry in of("ended")),
    )


def _entries(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        # A kill may have torn the last line of a session.
        with suppress(json.JSONDecodeError):
            entry = json.loads(line)
            yield entry.pop(LINE), entry


def unfinished(out: Path, plan: Plan, is_wanted: Callable[[WatchOrder], bool]) -> Path | None:
    """The newest watch of the same target that has not come to its end and that nobody makes, and
    that is what is wanted now.
    """
    for order_file in sorted(out.glob(f"*/{ORDER}"), reverse=True):
        folder = order_file.parents[2]
        with suppress(LedgerError):
            known, history = read_plan(folder), read_watch(folder)
            is_same = (known.target, known.base_url) == (plan.target, plan.base_url)
            if is_same and not history.is_over and is_wanted(history.order):
                return folder
    return None


def reopen(
    folder: Path, redact: Redact, clock: Callable[[], float], history: WatchHistory
) -> WatchRecorder:
    """Go on with a watch that was not finished."""
    recorder = WatchRecorder(folder, read_plan(folder), redact, history.order, clock, history)
    operations = folder / layout.OPERATIONS
    recorder.go_on(tuple(read_operations(operations)))
    return recorder


def with_maintenance(history: WatchHistory, order: WatchOrder) -> WatchHistory:
    """The history with further times of maintenance that were said later."""
    spans = dict.fromkeys((*history.order.maintenance, *order.maintenance))
    return replace(history, order=replace(history.order, maintenance=tuple(spans)))
