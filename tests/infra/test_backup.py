"""What a backup says of itself, and what is refused: without any server."""

import io
from pathlib import Path

import pyrage
import pytest

from infra.backup import __main__ as command
from infra.backup import manifest, streams
from infra.backup.manifest import MANIFEST, SUMS, Manifest, StoredObject, Table
from infra.backup.settings import BackupError, Settings, load

CONTENT = b"abc" * 100_000
MADE = Manifest(
    created="2026-01-05T08:00:00+00:00",
    postgres="15.18",
    encrypted=False,
    tables={"uploads": Table(3, "17")},
    objects=(StoredObject("uploads/1.csv", 5, "aa", "text/csv", {"account": "golive"}),),
)


@pytest.fixture
def backup(tmp_path) -> Path:
    """One that is whole."""
    folder = tmp_path / "20260105T080000Z-3f9c2a"
    folder.mkdir()
    for name in ("database.dump", "objects.tar"):
        (folder / name).write_bytes(CONTENT)
    manifest.write(folder, MADE, ("database.dump", "objects.tar"))
    return folder


def settings(recipient: str = "", identity: Path | None = None) -> Settings:
    """Keys alone."""
    return Settings(*([""] * 6), programs=None, recipient=recipient, identity_file=identity)


def test_what_was_written_is_read_again(backup, capsys) -> None:
    """A whole backup is verified, and says what it holds."""
    assert manifest.verify(backup) == MADE
    assert command.main(["verify", str(backup)]) == 0
    assert "1 tables with 3 rows, 1 objects of 5 bytes" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["database.dump", "objects.tar", MANIFEST])
def test_one_changed_byte_is_found(backup, capsys, name) -> None:
    """Whichever file it is in, the file is named."""
    content = bytearray((backup / name).read_bytes())
    content[len(content) // 2] ^= 1
    (backup / name).write_bytes(content)

    with pytest.raises(BackupError, match=f"{name} is not as it was written"):
        manifest.verify(backup)
    assert command.main(["verify", str(backup)]) == 1
    assert "damaged" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["database.dump", MANIFEST, SUMS])
def test_a_file_that_is_missing_is_found(backup, name) -> None:
    """Without one of its files there is no whole backup."""
    (backup / name).unlink()

    with pytest.raises(BackupError, match="no whole backup"):
        manifest.verify(backup)


def test_sums_without_a_manifest_prove_nothing(backup) -> None:
    """A list of checksums that somebody has emptied is not taken for a whole backup."""
    (backup / SUMS).write_text("")

    with pytest.raises(BackupError, match="damaged"):
        manifest.verify(backup)


def test_only_whole_ones_are_listed_the_oldest_first(backup) -> None:
    """What is being written, or has been left half way, is none."""
    for name in ("20260104T080000Z-aaaaaa", ".unfinished-1"):
        (backup.parent / name).mkdir()
        (backup.parent / name / SUMS).write_text("")
    (backup.parent / "lost+found").mkdir()

    listed = command.backups(backup.parent)

    assert [one.name for one in listed] == ["20260104T080000Z-aaaaaa", backup.name]


def test_what_a_killed_backup_left_is_removed_but_not_what_is_being_made(tmp_path) -> None:
    """A copy of everything that no list shows would fill the disk in the end."""
    left, under_way = tmp_path / ".unfinished-1", tmp_path / ".unfinished-2"
    for one in (left, under_way):
        one.mkdir()
        (one / "database.dump").write_text("rows")

    with command._held(under_way) as is_ours:
        command._sweep(tmp_path)
        while_made = (left.exists(), under_way.exists())
    command._sweep(tmp_path)

    assert is_ours
    assert while_made == (False, True)
    assert not under_way.exists()


def test_an_encrypted_file_needs_its_identity(tmp_path) -> None:
    """It shows nothing of its content, and comes back with the right key alone."""
    identity = pyrage.x25519.Identity.generate()
    keys = tmp_path / "identity"
    keys.write_text(f"# made today\n{identity}\n")
    other = tmp_path / "other"
    other.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    file = tmp_path / "database.dump.age"

    streams.store(io.BytesIO(CONTENT), file, settings(str(identity.to_public())))
    target = io.BytesIO()
    streams.load(file, target, settings(identity=keys))

    assert CONTENT[:30] not in file.read_bytes()
    assert target.getvalue() == CONTENT
    with pytest.raises(BackupError, match="BACKUP_IDENTITY_FILE"):
        streams.load(file, io.BytesIO(), settings())
    with pytest.raises(BackupError, match="cannot be decrypted"):
        streams.load(file, io.BytesIO(), settings(identity=other))


def test_a_writer_that_fails_is_heard() -> None:
    """A stream that ends early because its writer failed is not taken for a whole one."""

    def write(_target: object) -> None:
        raise BackupError("the bucket went away")

    with pytest.raises(BackupError, match="went away"), streams.piped(write) as source:
        assert source.read() == b""
    with pytest.raises(BackupError, match="went away"), streams.piped(write):
        raise ValueError("it ends too early")


def test_what_the_environment_lacks_is_listed(monkeypatch) -> None:
    """All of it, at once."""
    for name in ("DATABASE_URL", "S3_ENDPOINT", "S3_BUCKET", "S3_KEY", "S3_SECRET"):
        monkeypatch.delenv(f"BACKUP_{name}", raising=False)

    with pytest.raises(BackupError, match=r"BACKUP_DATABASE_URL, .*BACKUP_S3_SECRET"):
        load()
