"""Moving local files into the bucket: once each, verified, over nothing, and again after a stop."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from minio import Minio

from reference_app.bucket import _client
from reference_app.local_files import survey
from reference_app.settings import Settings

MB = 1024 * 1024
ARGUMENTS = [sys.executable, "-m", "reference_app.move_local_files"]
Move = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def prefix() -> str:
    """A place in the bucket of one test alone."""
    return f"moved-{uuid4().hex}/"


@pytest.fixture
def move(deployment: Any, root: Path, tmp_path: Path, prefix: str) -> Move:
    """Runs the command on tmp_path/files, against the deployment unless told otherwise."""

    def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ARGUMENTS, str(tmp_path / "files"), "--prefix", prefix, *words],
            cwd=root,
            env={**os.environ, **deployment.env, **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """Files of all sorts, in tmp_path/files."""
    contents = {
        "a.csv": b"IBAN,Name,Amount\n",
        "2024/März ü.xlsx": b"PK",
        "2024/deep/er/empty.txt": b"",
        "big.bin": os.urandom(11 * MB),
    }
    for name, content in contents.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


@pytest.fixture
def bucket(live_settings: Settings, prefix: str) -> Callable[[], dict[str, bytes]]:
    """What is under the prefix."""
    client: Minio = _client(live_settings, 4.0)
    name = live_settings.aws_bucket

    def content(key: str) -> bytes:
        answer = client.get_object(name, key)
        try:
            return answer.read()
        finally:
            answer.close()
            answer.release_conn()

    def all_of_it() -> dict[str, bytes]:
        keys = [str(one.object_name) for one in client.list_objects(name, prefix, recursive=True)]
        return {key.removeprefix(prefix): content(key) for key in keys}

    return all_of_it


@pytest.fixture
def put(live_settings: Settings, prefix: str) -> Callable[[str, Path], None]:
    """Put a file into the bucket by hand."""
    client: Minio = _client(live_settings, 4.0)

    def by_hand(name: str, path: Path) -> None:
        client.fput_object(live_settings.aws_bucket, prefix + name, str(path))

    return by_hand


def summary_of(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON summary."""
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def test_all_files_are_moved_and_then_there(
    move: Move, files: dict[str, bytes], bucket: Callable[[], dict[str, bytes]], tmp_path: Path
) -> None:
    """Every byte of each; a second run finds nothing to do; nothing local is touched."""
    first = move("--json")
    assert first.returncode == 0, first.stderr
    assert bucket() == files
    assert summary_of(first)["moved"] == len(files)
    assert summary_of(first)["bytes_moved"] == sum(map(len, files.values()))
    second = move("--json")
    assert (second.returncode, summary_of(second)["already_there"]) == (0, len(files))
    assert summary_of(second)["moved"] == 0
    assert all((tmp_path / "files" / name).read_bytes() == files[name] for name in files)


def test_objects_keep_checksum_and_type(
    move: Move, files: dict[str, bytes], live_settings: Settings, prefix: str
) -> None:
    """Whoever finds them later can tell what they are."""
    assert move().returncode == 0
    state = _client(live_settings, 4.0).stat_object(live_settings.aws_bucket, f"{prefix}a.csv")
    assert state.content_type == "text/csv"
    assert state.metadata
    digest = hashlib.sha256(files["a.csv"]).hexdigest()
    assert state.metadata["x-amz-meta-sha256"] == digest


def test_dry_run_says_all_and_does_nothing(
    move: Move, files: dict[str, bytes], bucket: Callable[[], dict[str, bytes]]
) -> None:
    """Neither in the bucket nor on the disk, whatever else was asked for."""
    run = move("--dry-run", "--delete-moved")
    assert run.returncode == 0
    assert all(f"would move: {name}" in run.stdout for name in files)
    assert bucket() == {}
    assert move("--json").returncode == 0
    assert bucket() == files


def test_other_objects_are_never_overwritten(
    move: Move,
    files: dict[str, bytes],
    bucket: Callable[[], dict[str, bytes]],
    put: Callable[[str, Path], None],
    tmp_path: Path,
) -> None:
    """The conflict is told, the rest is moved, and the file stays where it is."""
    other = tmp_path / "other"
    other.write_bytes(b"other")
    put("a.csv", other)
    for words in (["--dry-run"], [], ["--delete-moved"]):
        run = move("--json", *words)
        assert (run.returncode, summary_of(run)["conflicts"]) == (1, 1)
    assert bucket() == {**files, "a.csv": b"other"}
    left = [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert left == ["a.csv"]


def test_rows_are_believed(
    move: Move,
    files: dict[str, bytes],
    bucket: Callable[[], dict[str, bytes]],
    database: psycopg.Connection,
    prefix: str,
) -> None:
    """A file that is not what its upload was recorded as does not take its place."""
    add_row(database, f"{prefix}a.csv", b"something else")
    add_row(database, f"{prefix}2024/März ü.xlsx", files["2024/März ü.xlsx"])
    run = move("--json")
    assert (run.returncode, summary_of(run)["conflicts"]) == (1, 1)
    assert set(bucket()) == set(files) - {"a.csv"}


def test_links_and_odd_names_stay(
    move: Move, files: dict[str, bytes], bucket: Callable[[], dict[str, bytes]], tmp_path: Path
) -> None:
    """Nothing from outside of the folder is moved; what cannot be a key is told."""
    folder = tmp_path / "files"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "outside" / "secret")
    (folder / "folder-link").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe")
    (folder / "line\nfeed").write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xfc")).write_bytes(b"x")
    run = move("--json")
    assert run.returncode == 1
    found = summary_of(run)
    assert (found["skipped"], found["conflicts"], found["moved"]) == (3, 2, len(files))
    assert bucket() == files
    assert "\nfeed" not in run.stderr


def test_bucket_away_stops_soon_and_deletes_nothing(
    move: Move, files: dict[str, bytes], tmp_path: Path
) -> None:
    """With exit code 1 and a word why."""
    run = move("--delete-moved", AWS_ENDPOINT="http://127.0.0.1:1")
    assert run.returncode == 1
    assert "does not answer" in run.stdout
    assert all((tmp_path / "files" / name).exists() for name in files)


@pytest.mark.parametrize("words", [["--prefix", "../x"], ["--prefix", "/x"], ["--prefix", "a\nb"]])
@pytest.mark.usefixtures("files")
def test_odd_prefixes_are_refused(move: Move, words: list[str]) -> None:
    """Before anything is looked at."""
    assert move(*words).returncode == 2


@pytest.mark.usefixtures("deployment")
def test_missing_folder_is_refused(move: Move) -> None:
    """With its name and exit code 2."""
    run = move()
    assert (run.returncode, "files" in run.stderr) == (2, True)


@pytest.fixture
def begin_move(
    deployment: Any, root: Path, tmp_path: Path, prefix: str
) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts the command without waiting for it."""
    begun: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        words = [*ARGUMENTS, str(tmp_path / "files"), "--prefix", prefix, "--delete-moved"]
        env = {**os.environ, **deployment.env}
        begun.append(subprocess.Popen(words, cwd=root, env=env, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_stopped_run_goes_on_where_it_ended(
    move: Move,
    begin_move: Callable[[], subprocess.Popen[str]],
    bucket: Callable[[], dict[str, bytes]],
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    """At every moment each file is on the disk or in the bucket; in the end all are in it, once."""
    folder = tmp_path / "files"
    folder.mkdir()
    contents = {f"{index:03}.bin": os.urandom(MB) for index in range(24)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    process = begin_move()
    assert process.stdout
    while not process.stdout.readline().startswith("moved"):
        pass
    process.send_signal(number)
    code = process.wait(20)
    assert code == (-number if number == signal.SIGKILL else 130)
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left
    assert {**left, **bucket()} == contents
    run = move("--delete-moved", "--json")
    assert run.returncode == 0, run.stderr
    assert bucket() == contents
    assert survey(folder) == []


def add_row(database: psycopg.Connection, key: str, content: bytes) -> None:
    """Record an upload whose object has that content."""
    database.execute(
        """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256, status)
           VALUES (%s, 'tests', 'a.csv', %s, %s, %s, 'completed')""",
        (uuid4(), key, len(content), hashlib.sha256(content).hexdigest()),
    )
