"""What is known of the last deploy to a target, and that there is one at a time."""

import contextlib
import fcntl
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.adapters.native.places import state_folder
from golive.errors import DeployError
from golive.model.deploying import DeployOutcome, DeployRecord
from golive.model.target import Target

FILE = "deploy.json"
_RECORD = TypeAdapter(DeployRecord)
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Records:
    """Those of one target on this machine."""

    file: Path
    redact: Callable[[str], str]

    @classmethod
    def of(cls, target: Target, redact: Callable[[str], str]) -> "Records":
        """By the target's name, its address, and how servers are drained there: a deployment that
        was made anew under an old name is another one.
        """
        section = target.target
        drain = target.deploy.drain if target.deploy else ""
        digest = hashlib.sha256(f"{section.base_url}\0{drain}".encode()).hexdigest()[:8]
        name = f"{_ODD.sub('_', section.name)}-{digest}.json"
        return cls(state_folder() / "deploys" / name, redact)

    @contextlib.contextmanager
    def sole(self) -> Iterator[None]:
        """Be the only deploy to this target. The kernel lets go when we die, however we die."""
        self.file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DeployError("another deploy to this target is under way") from None
            yield

    @property
    def _before(self) -> Path:
        """The deploy that runs again where the one under way is taken back."""
        return self.file.with_suffix(".before.json")

    def last(self) -> DeployRecord | None:
        """The last one that changed something; None where there was none."""
        return _read(self.file)

    def changed(self) -> str:
        """When a deploy or a roll-back last changed something: UTC, ISO 8601; empty = never."""
        try:
            return datetime.fromtimestamp(self.file.stat().st_mtime, UTC).isoformat()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise DeployError(f"{self.file} cannot be read: {error.strerror}") from error

    def keep(self, record: DeployRecord) -> None:
        """Write it down, in its run folder and, once it has changed something, here; each appears
        whole or not at all. One that was taken back leaves the way back of the one before it.
        """
        self._write(Path(record.folder) / FILE, record)
        if not record.touched:
            return
        last = self.last()
        if last and last.id != record.id and last.outcome is DeployOutcome.DEPLOYED:
            self._write(self._before, last)
        before = _read(self._before) if record.outcome is DeployOutcome.ROLLED_BACK else None
        known = before if before and before.release == record.previous else record
        self._write(self.file, known)

    def _write(self, place: Path, record: DeployRecord) -> None:
        content = self.redact(_RECORD.dump_json(record, indent=2).decode()).encode()
        scratch = place.with_name(f".{place.name}.new")
        try:
            place.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            scratch.write_bytes(content)
            scratch.replace(place)
        except OSError as error:
            raise DeployError(f"{place} cannot be written: {error.strerror}") from error

    def forget(self) -> None:
        """Know nothing any more."""
        for one in (self.file, self._before):
            one.unlink(missing_ok=True)


def _read(file: Path) -> DeployRecord | None:
    try:
        return _RECORD.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise DeployError(
            f"{file} cannot be read: {type(error).__name__}",
            remedy="It says what the last deploy has changed; look, then remove it.",
        ) from None
