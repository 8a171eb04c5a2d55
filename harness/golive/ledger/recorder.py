"""Writes the ledger while a run goes on. Everything passes through redaction first."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import TypeAdapter

from golive.errors import LedgerError
from golive.ledger import folder as layout
from golive.ledger.logbook import HEAD, LOGBOOK, LogbookFolder
from golive.model.evidence import Ending, Evidence, StepRecord
from golive.model.facts import Fact, facts_of
from golive.model.operation import Operation, Phase
from golive.model.plan import Plan
from golive.model.redaction import redacted

Redact = Callable[[str], str]

_PLAN = TypeAdapter(Plan)
_STEP = TypeAdapter(StepRecord)


class RunRecorder:
    """The open ledger of one run."""

    def __init__(self, folder: Path, plan: Plan, redact: Redact, *, again: bool = False) -> None:
        """Begin a ledger; `again` goes on with one that was not finished."""
        self.folder = folder
        self.steps: list[StepRecord] = []
        self.operations: list[Operation] = []
        self._redact = redact
        self._started = time.monotonic()
        self._last_number = 0
        self._lock = Lock()
        try:
            if not again:
                folder.mkdir(parents=True, mode=0o700)
                (folder / layout.EVIDENCE).mkdir(mode=0o700)
            mode = "a" if again else "x"
            self._stream = (folder / layout.OPERATIONS).open(mode, encoding="utf-8", buffering=1)
        except OSError as error:
            raise layout.disk_error(folder, error) from error
        if not again:
            self._write(layout.PLAN, _PLAN.dump_python(plan, mode="json"))

    def go_on(self, operations: Sequence[Operation]) -> None:
        """Take over what was recorded before; numbers and times go on after it."""
        self.operations = list(operations)
        self._last_number = max((one.number for one in operations), default=0)
        self._started -= max((one.at_seconds for one in operations), default=0.0)

    @property
    def seconds(self) -> float:
        """Time since the run started, on a monotonic clock."""
        return round(time.monotonic() - self._started, 6)

    def write(self, line: Operation) -> None:
        """Append one line to `operations.ndjson`."""
        text = json.dumps(redacted(asdict(line), self._redact))
        with self._lock:
            self.operations.append(line)
            try:
                self._stream.write(text + "\n")
            except OSError as error:
                raise layout.disk_error(self.folder / layout.OPERATIONS, error) from error

    def step(self, process: str) -> "StepRecorder":
        """The part of the ledger that belongs to one step."""
        return StepRecorder(self, process)

    def next_number(self) -> int:
        """A number for a new operation."""
        with self._lock:
            self._last_number += 1
            return self._last_number

    def keep(self, record: StepRecord) -> None:
        """Save the record of a finished step."""
        self.steps.append(record)
        self._write(layout.evidence_file(record.scenario), _STEP.dump_python(record, mode="json"))

    def attach(self, path: str, content: bytes) -> None:
        """Save bytes as evidence, at a path within the run folder. Secrets in text are redacted."""
        with suppress(UnicodeDecodeError):  # binary content: there is no text to redact
            content = self._redact(content.decode()).encode()
        layout.write_whole(self.folder / path, content)

    def copy(self, book: LogbookFolder) -> None:
        """Keep a checklist's logbook as it is now. It was redacted line by line as it was written,
        and another word in it would break its chain.
        """
        for name in (HEAD, LOGBOOK):  # in this order: a line may be added meanwhile
            if (file := book.path / name).is_file():
                path = self.folder / layout.LOGBOOKS / book.name / name
                layout.write_whole(path, file.read_bytes())

    def seal(self) -> None:
        """Close the ledger: what it holds from now on is what will be judged."""
        self.close()
        # Hashes are no text of anybody's; a secret that occurs in one must not break the seal.
        seal = {"seconds": self.seconds, "sha256": layout.digests(self.folder)}
        layout.write_whole(self.folder / layout.SEAL, json.dumps(seal, indent=2).encode())

    def close(self) -> None:
        """Stop recording. Without a seal the ledger proves nothing."""
        try:
            self._stream.close()
        except OSError as error:
            raise layout.disk_error(self.folder / layout.OPERATIONS, error) from error

    def _write(self, name: str, document: Any) -> None:
        text = json.dumps(redacted(document, self._redact), indent=2) + "\n"
        layout.write_whole(self.folder / name, text.encode())


class StepRecorder:
    """The recorder of one step: gives operations the step's name and ties evidence to them."""

    def __init__(self, run: RunRecorder, process: str) -> None:
        self._run = run
        self._process = process
        self._since_evidence: list[int] = []
        self._evidence: list[Evidence] = []
        self._started = run.seconds

    @contextmanager
    def operation(self, name: str, **facts: Fact) -> Iterator["RecordedOperation"]:
        """Record an invoke; completed as `info` where the block leaves it open."""
        recorded = RecordedOperation(self._run, self._process, name)
        self._since_evidence.append(recorded.number)
        recorded.write(Phase.INVOKE, facts)
        try:
            yield recorded
        except BaseException as error:
            recorded.close(Phase.INFO, {"error": f"{type(error).__name__}: {error}"})
            raise
        recorded.close(Phase.INFO, {"error": "the call ended without an answer"})

    def see(self, seen: Any) -> None:
        """Keep one piece of evidence, resting on the operations since the one before it."""
        self._evidence.append(
            Evidence(
                id=f"{self._process}/{len(self._evidence) + 1}",
                kind=type(seen).__name__,
                facts=facts_of(seen),
                operations=tuple(self._since_evidence),
            )
        )
        self._since_evidence.clear()

    def finish(self, ending: Ending, detail: str = "", traceback: str = "") -> StepRecord:
        """Close the step and save its record."""
        record = StepRecord(
            scenario=self._process,
            ending=ending,
            detail=detail,
            traceback=traceback,
            started_seconds=self._started,
            seconds=round(self._run.seconds - self._started, 6),
            evidence=tuple(self._evidence),
        )
        self._run.keep(record)
        return record

    def attach(self, name: str, content: bytes) -> str:
        """Save bytes beside the step's record; returns the path within the run folder."""
        if "/" in name or name.startswith("."):
            raise LedgerError(f"an attachment is named by a plain file name, not {name!r}")
        path = f"{layout.EVIDENCE}/{self._process}/{name}"
        self._run.attach(path, content)
        return path


class RecordedOperation:
    """An invoked operation; the first completion counts."""

    def __init__(self, run: RunRecorder, process: str, name: str) -> None:
        self.number = run.next_number()
        self._run = run
        self._process = process
        self._name = name
        self._open = True

    def ok(self, **facts: Fact) -> None:
        """It took effect."""
        self.close(Phase.OK, facts)

    def fail(self, **facts: Fact) -> None:
        """It did not take effect."""
        self.close(Phase.FAIL, facts)

    def info(self, **facts: Fact) -> None:
        """Nobody knows whether it took effect."""
        self.close(Phase.INFO, facts)

    def close(self, phase: Phase, facts: dict[str, Fact]) -> None:
        """Write the completion, unless there is one already."""
        if self._open:
            self._open = False
            self.write(phase, facts)

    def write(self, phase: Phase, facts: dict[str, Fact]) -> None:
        """Write one line of this operation."""
        self._run.write(
            Operation(self.number, phase, self._process, self._name, self._run.seconds, facts)
        )
