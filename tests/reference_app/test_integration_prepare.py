"""`reference_app.prepare` on real servers: what is made, what is said, and that twice is once."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from golive.adapters.native import credentials
from golive.adapters.native.units.postgres import ADMIN

ROOT = Path(__file__).parents[2]


def prepare(what: str, told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command with this environment alone."""
    return subprocess.run(
        [sys.executable, "-m", "reference_app.prepare", what],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def told(deployment) -> Mapping[str, Mapping[str, str]]:
    """What administrators of the running deployment would say."""
    known = credentials.load(Path(deployment.started.folder))
    minio = f"http://127.0.0.1:{deployment.process('minio').port}"
    return {
        "database": {
            "DB_ADMIN_HOST": "127.0.0.1",
            "DB_ADMIN_PORT": str(deployment.process("postgres").port),
            "DB_ADMIN_USERNAME": ADMIN,
            "DB_ADMIN_PASSWORD": known.postgres_admin,
            **{
                name: deployment.env[name] for name in ("DB_DATABASE", "DB_USERNAME", "DB_PASSWORD")
            },
        },
        "bucket": {
            **{name: one for name, one in deployment.env.items() if name.startswith("AWS_")},
            "AWS_ENDPOINT": minio,
            "MINIO_ROOT_USER": known.minio_root_key,
            "MINIO_ROOT_PASSWORD": known.minio_root_secret,
        },
    }


@pytest.mark.parametrize("what", ["database", "bucket"])
def test_twice_is_once(told, deployment, what: str) -> None:
    """What is there stays as it is, also its data; the service goes on meanwhile."""
    with psycopg.connect(deployment.access["REFERENCE_SQL_DSN"]) as connection:
        before = connection.execute("select count(*) from api_tokens").fetchone()

    first, second = prepare(what, told[what]), prepare(what, told[what])

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    with psycopg.connect(deployment.access["REFERENCE_SQL_DSN"]) as connection:
        assert connection.execute("select count(*) from api_tokens").fetchone() == before


@pytest.mark.parametrize(
    "what, name", [("database", "DB_ADMIN_PASSWORD"), ("bucket", "MINIO_ROOT_PASSWORD")]
)
def test_what_is_missing_is_named(told, what: str, name: str) -> None:
    """Neither a traceback, nor anything half made."""
    ran = prepare(what, {key: one for key, one in told[what].items() if key != name})

    assert ran.returncode == 1
    assert name in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "what, name", [("database", "DB_ADMIN_PASSWORD"), ("bucket", "MINIO_ROOT_PASSWORD")]
)
def test_a_wrong_password_is_said_and_not_shown(told, what: str, name: str) -> None:
    """The store refuses, and the command says so in a line."""
    ran = prepare(what, {**told[what], name: "not-the-password-7c1d"})

    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "Traceback" not in ran.stderr
    assert "not-the-password-7c1d" not in ran.stderr


def test_the_observer_only_reads(deployment) -> None:
    """It reads everything and changes nothing."""
    with psycopg.connect(deployment.access["REFERENCE_SQL_DSN"]) as connection:
        connection.execute("select count(*) from webhook_events")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from webhook_events")
