"""The restore drill: a deployment is used, backed up, destroyed; another one has its data again."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyrage
import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.releasing import saving
from golive.model.deployment import Deployment
from infra.backup.bucket import Bucket
from infra.backup.settings import Settings
from tests.conftest import Reference
from tests.gate.deploying import ROOT

Ran = subprocess.CompletedProcess[str]


def releasing(deployment: Deployment, *words: str, **environment: str) -> Ran:
    """One command of the deployment."""
    module = "golive.adapters.native.releasing"
    return subprocess.run(
        [sys.executable, "-P", "-m", module, deployment.folder, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(deployment: Deployment) -> dict[str, list]:
    """Every row of every table that people have filled."""
    reference = Reference.of(deployment)
    with psycopg.connect(reference.access["REFERENCE_SQL_DSN"]) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        ).fetchall()
        return {
            name: sorted(connection.execute(f"select t::text from {name} t").fetchall())  # noqa: S608
            for (name,) in names
            if name not in {"api_tokens", "sync_cursors"}
        }


def objects(deployment: Deployment) -> dict[str, str]:
    """The hash of every object of the bucket."""
    environment = saving._environment(Deployed(Path(deployment.folder)))
    words = {key.removeprefix("BACKUP_").lower(): value for key, value in environment.items()}
    words.pop("postgres_programs")
    bucket = Bucket(Settings(**words, programs=None, recipient="", identity_file=None))
    return {key: bucket.sha256_of(key) for key in bucket.sizes()}


@dataclass(frozen=True)
class Saved:
    """A backup of a deployment that is gone, and what that one had."""

    backup: Path
    rows: dict[str, list]
    files: dict[str, str]
    keys: dict[str, str]


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def saved(golive, tmp_path, request) -> Saved:
    """Use a deployment, back it up, destroy it."""
    keys: dict[str, str] = {}
    if request.param:
        identity = pyrage.x25519.Identity.generate()
        (tmp_path / "identity").write_text(str(identity))
        keys = {
            "BACKUP_RECIPIENT": str(identity.to_public()),
            "BACKUP_IDENTITY_FILE": str(tmp_path / "identity"),
        }
    with reference_deployment(progress=print) as first:
        used = golive("smoke", first.target_file, "--out", tmp_path / "runs", cwd=ROOT)
        assert used.returncode == 0, used.stderr
        made = releasing(first, "backup", str(tmp_path / "backups"), **keys)
        assert made.returncode == 0, made.stderr
        backup = Path(made.stdout.splitlines()[0])
        refused = releasing(first, "restore", str(backup), **keys)
        assert refused.returncode == 3
        assert "not empty" in refused.stderr
        found = Saved(backup, contents(first), objects(first), keys)
    print(f"\n{made.stdout}")
    assert found.files
    assert sum(map(len, found.rows.values())) > len(found.rows)
    return found


def test_a_destroyed_deployment_is_restored(golive, tmp_path, saved) -> None:
    """Every row and every object is there again, and the service goes on with them: GO. A backup
    with one changed byte is refused before, and touches nothing.
    """
    dump = next(saved.backup.glob("database.dump*"))
    whole = dump.read_bytes()
    with reference_deployment(progress=print) as second:
        dump.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        damaged = releasing(second, "restore", str(saved.backup), **saved.keys)
        untouched = objects(second)
        dump.write_bytes(whole)
        restored = releasing(second, "restore", str(saved.backup), **saved.keys)
        rows, files = contents(second), objects(second)
        proven = golive("smoke", second.target_file, "--out", tmp_path / "runs", cwd=ROOT)
    print(restored.stdout)

    assert damaged.returncode == 3
    assert "damaged" in damaged.stderr
    assert untouched == {}
    assert restored.returncode == 0, restored.stderr
    assert files == saved.files
    assert rows == saved.rows
    assert proven.returncode == 0, proven.stderr
