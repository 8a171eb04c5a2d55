"""What a backup says of itself, and whether its files are as they were written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.backup.settings import BackupError

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Table:
    """How many rows, and a sum over their contents that no order changes."""

    rows: int
    checksum: str


@dataclass(frozen=True)
class StoredObject:
    """One object of the bucket."""

    key: str
    size_bytes: int
    sha256: str
    content_type: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Manifest:
    """Everything that a backup holds."""

    created: str
    postgres: str
    encrypted: bool
    tables: Mapping[str, Table]
    objects: tuple[StoredObject, ...]

    @property
    def summary(self) -> str:
        """In a few words."""
        rows = sum(table.rows for table in self.tables.values())
        size_bytes = sum(one.size_bytes for one in self.objects)
        return (
            f"{len(self.tables)} tables with {rows} rows, "
            f"{len(self.objects)} objects of {size_bytes} bytes"
        )


def write(folder: Path, manifest: Manifest, files: tuple[str, ...]) -> None:
    """Write the manifest and the checksums of all files."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    lines = [f"{digest(folder / name)}  {name}\n" for name in (MANIFEST, *files)]
    (folder / SUMS).write_text("".join(lines))


def verify(folder: Path) -> Manifest:
    """The manifest of a backup that is as it was written. Raises BackupError."""
    try:
        lines = (folder / SUMS).read_text().splitlines()
        sums = {name: known for known, _, name in (line.partition("  ") for line in lines)}
        damaged = [name for name, known in sums.items() if digest(folder / name) != known]
        if damaged or MANIFEST not in sums:
            what = ", ".join(damaged) or SUMS
            raise BackupError(f"the backup is damaged: {what} is not as it was written")
        return _read(folder / MANIFEST)
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder} holds no whole backup: {error}") from error


def digest(file: Path) -> str:
    """SHA-256 of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read(file: Path) -> Manifest:
    document = json.loads(file.read_text())
    tables = {name: Table(**table) for name, table in document.pop("tables").items()}
    objects = tuple(StoredObject(**one) for one in document.pop("objects"))
    return Manifest(**document, tables=tables, objects=objects)
