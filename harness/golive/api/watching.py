"""What goes on beside the notifications of a drill: files are uploaded, other routes asked."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Event, Thread

from golive.errors import UnobservableError, UnreachableError
from golive.model.drill import Workload
from golive.model.history.records import Probed, SentFile
from golive.model.ports import Gate, Sheet

PAUSE_SECONDS = 0.2
PROBE_TIMEOUT_SECONDS = 5.0
JOIN_SECONDS = 40.0


class FileSender:
    """Uploads files, each once: what was not accepted may be there all the same."""

    def __init__(self, gate: Gate, workload: Workload, clock: Callable[[], float]) -> None:
        self.sent: list[SentFile] = []
        self._gate = gate
        self._workload = workload
        self._clock = clock
        self._sheets: list[Sheet] = []
        self._enough = Event()
        self._thread: Thread | None = None

    def prepare(self) -> None:
        """Make the files."""
        workload = self._workload
        self._sheets = [self._gate.uploads.sample(workload.rows) for _ in range(workload.files)]

    def begin(self) -> None:
        """Upload in the background, evenly over the time of the workload."""
        if self._sheets:
            self._thread = Thread(target=self._send_all, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait for the last one."""
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def stop(self) -> None:
        """Upload no more."""
        self._enough.set()
        self.wait()

    def ask_about(self, within_seconds: float) -> None:
        """Find out what has become of every file that was accepted."""
        end = self._clock() + within_seconds
        self.sent = [self._fate(one, end) if one.upload_id else one for one in self.sent]

    def _send_all(self) -> None:
        apart = self._workload.seconds / len(self._sheets)
        start = self._clock()
        for number, sheet in enumerate(self._sheets):
            if self._enough.wait(start + number * apart - self._clock()):
                return
            self.sent.append(self._send(sheet))

    def _send(self, sheet: Sheet) -> SentFile:
        begun, upload_id = self._clock(), ""
        try:
            reply = self._gate.uploads.send(sheet)
            upload_id = self._gate.uploads.accepted_id(reply) or ""
            answer = str(reply.status)
        except UnreachableError as error:
            answer = error.reason
        return SentFile(
            name=sheet.name,
            upload_id=upload_id,
            answer=answer,
            sent_seconds=round(begun, 4),
            answered_seconds=round(self._clock(), 4),
            status="",
            done=False,
            sha256=hashlib.sha256(sheet.content).hexdigest(),
            stored_sha256="",
            rows=len(sheet.rows),
            stored_rows=-1,
        )

    def _fate(self, file: SentFile, end: float) -> SentFile:
        gate, status = self._gate, "not told"
        answer = gate.target.uploads.answer if gate.target.uploads else None

        def final() -> bool:
            nonlocal status
            with suppress(UnreachableError):
                status = gate.uploads.status(file.upload_id).status
            return answer is not None and status in (*answer.done, *answer.failed)

        gate.until(final, bool, within_seconds=max(0.0, end - self._clock()))
        done = answer is not None and status in answer.done
        return replace(
            file,
            status=status,
            done=done,
            stored_sha256=self._hash(file),
            stored_rows=self._rows(file),
        )

    def _hash(self, file: SentFile) -> str:
        """The hash of the stored object, "none" where there is none, empty where it is not told."""
        if not self._gate.target.has("observe.s3"):
            return ""
        with suppress(UnreachableError, UnobservableError):
            stored = self._gate.objects.find(file.upload_id).stored
            return stored[0].sha256 if stored else "none"
        return ""

    def _rows(self, file: SentFile) -> int:
        if not self._gate.target.has("observe.sql.debtors"):
            return -1
        with suppress(UnreachableError, UnobservableError):
            return len(self._gate.sql.debtors(file.upload_id))
        return -1


class Prober:
    """Asks the health check again and again, to see whether other routes suffer."""

    def __init__(self, gate: Gate, clock: Callable[[], float]) -> None:
        self.probes: list[Probed] = []
        self._gate = gate
        self._clock = clock
        self._enough = Event()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Ask in the background."""
        self._thread = Thread(target=self._ask_all, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._enough.set()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def _ask_all(self) -> None:
        while not self._enough.wait(PAUSE_SECONDS):
            begun, status = self._clock(), 0
            with suppress(UnreachableError):
                url = self._gate.url(self._gate.target.target.health)
                reply = self._gate.http.request("GET", url, timeout_seconds=PROBE_TIMEOUT_SECONDS)
                status = reply.status
            took = (self._clock() - begun) * 1000
            self.probes.append(Probed(round(begun, 4), status, round(took, 3)))
