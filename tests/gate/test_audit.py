"""`golive audit` against the reference deployment: GO as it is, red by name when it is wrong."""

import json
import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
import redis
from minio import Minio

from golive.adapters.native import credentials
from golive.adapters.native.units.postgres import ADMIN, APP, DATABASE

ROOT = Path(__file__).parents[2]
BUCKET = "tether-uploads"
SECONDS = 60.0
"""Thirty at most on an idle machine; tests share theirs."""


def findings(out: Path) -> dict[str, dict[str, str]]:
    """Finding by id, of the only run in a folder."""
    (folder,) = out.iterdir()
    document = json.loads((folder / "verdict.json").read_text())
    return {finding["id"]: finding for finding in document["findings"]}


def test_the_reference_deployment_is_go(golive, deployment, tmp_path) -> None:
    """Everything holds, quickly; only TLS and advisories are not to be seen here. No secret of the
    deployment is in any file of the run.
    """
    out = tmp_path / "runs"

    ran = golive("audit", deployment.target_file, "--out", out, cwd=ROOT, timeout_seconds=SECONDS)

    assert ran.returncode == 0, ran.stderr
    found = findings(out)
    assert len(found) >= 130
    others = {name for name, one in found.items() if one["outcome"] != "PASS"}
    assert others == {"audit.tls_version", "audit.tls_strict"}
    written = "".join(path.read_text() for path in out.rglob("*") if path.is_file())
    assert not [secret for secret in deployment.secrets if secret in written]


@pytest.fixture
def audited(golive, deployment, tmp_path) -> Callable[..., dict[str, dict[str, str]]]:
    """Audits the running deployment through a target file that was changed, for some findings."""

    def audit(change: Callable[[str, Path], str], *names: str) -> dict[str, dict[str, str]]:
        target = tmp_path / "changed.toml"
        target.write_text(change(Path(deployment.target_file).read_text(), tmp_path))
        shutil.copy(Path(deployment.target_file).with_suffix(".env"), tmp_path / "changed.env")
        only = ",".join(f"audit.{name}" for name in names)
        ran = golive("run", target, "--only", only, "--out", tmp_path / "runs", cwd=ROOT)
        assert ran.returncode == 1, ran.stderr
        return findings(tmp_path / "runs")

    return audit


def with_environment(lines: dict[str, str], mode: int = 0o600) -> Callable[[str, Path], str]:
    """A change of the target file: another environment file, with these lines changed."""

    def change(text: str, folder: Path) -> str:
        (before,) = re.findall(r'^env_file = "(.+)"$', text, re.MULTILINE)
        environment = Path(before).read_text()
        for name, value in lines.items():
            environment = re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", environment)
        file = folder / "app.env"
        file.write_text(environment)
        file.chmod(mode)
        return text.replace(before, str(file))

    return change


def test_a_wrong_environment_is_no_go(audited) -> None:
    """Each finding that is about it is red and names the variable, but never a secret."""
    wrong = {
        "APP_DEBUG": "true",
        "LOG_CHANNEL": "daily",
        "DB_PASSWORD": "your_secure_password",
        "EMP_API_PASSWORD": "Summer2024",
    }
    expected = {
        "env_mode": "mode = 644",
        "env_debug": "APP_DEBUG = true",
        "env_log_channel": "LOG_CHANNEL = daily",
        "env_placeholders": "DB_PASSWORD = a placeholder",
        "env_weak_secrets": "strength of EMP_API_PASSWORD",
    }

    found = audited(with_environment(wrong, mode=0o644), *expected)

    for name, said in expected.items():
        assert found[f"audit.{name}"]["outcome"] == "FAIL"
        assert said in found[f"audit.{name}"]["summary"]
    told = json.dumps(found)
    assert "your_secure_password" not in told
    assert "Summer2024" not in told


def test_one_redis_for_both_is_no_go(audited) -> None:
    """Two addresses of one server are found by the server's own id."""
    found = audited(
        lambda text, _: text.replace('"REFERENCE_CACHE_URL"', '"REFERENCE_QUEUE_URL"'),
        "redis_apart",
        "cache_limit",
    )

    assert {one["outcome"] for one in found.values()} == {"FAIL"}
    assert "one server" in found["audit.redis_apart"]["summary"]


def test_a_password_in_a_log_is_no_go(audited, deployment) -> None:
    """It is counted by the name of its variable, and not shown."""
    password = deployment.env["DB_PASSWORD"]

    def change(text: str, folder: Path) -> str:
        log = folder / "leaky.log"
        log.write_text(f"connecting as tether with {password}\n")
        return text.replace("files = [\n", f'files = [\n    "{log}",\n', 1)

    finding = audited(change, "logs_secrets")["audit.logs_secrets"]

    assert finding["outcome"] == "FAIL"
    assert "DB_PASSWORD in the logs = 1" in finding["summary"]
    assert password not in json.dumps(finding)


def test_servers_that_were_set_wrong_are_no_go(golive, own_deployment, tmp_path) -> None:
    """A queue that evicts, no log of appends, files that anybody can read who knows their names, a
    role without limits and commits that are not waited for are red, each by name.
    """
    known = credentials.load(Path(own_deployment.started.folder))
    process = own_deployment.process("redis-queue")
    with redis.Redis(port=process.port or 0, password=known.redis_queue) as queue:
        queue.config_set("maxmemory-policy", "allkeys-lru")
        queue.config_set("appendonly", "no")
    _open_to_all(f"127.0.0.1:{own_deployment.process('minio').port}", known)

    _loosen(own_deployment.process("postgres").port or 0, known)

    wrong = ("redis_eviction", "redis_append_log", "s3_reading")
    wrong += ("postgres_statement_limit", "postgres_commit")
    right = ("redis_memory_limit", "redis_password", "s3_writing", "s3_versioning", "s3_listing")
    right += ("postgres_idle_limit", "postgres_fsync")
    only = ",".join(f"audit.{name}" for name in (*wrong, *right))
    words = ("run", own_deployment.target_file, "--only", only, "--out", tmp_path / "runs")
    ran = golive(*words, cwd=ROOT)

    assert ran.returncode == 1
    red = {name for name, one in findings(tmp_path / "runs").items() if one["outcome"] == "FAIL"}
    assert red == {f"audit.{name}" for name in wrong}


def _open_to_all(endpoint: str, known: credentials.Credentials) -> None:
    root = Minio(
        endpoint,
        access_key=known.minio_root_key,
        secret_key=known.minio_root_secret,
        secure=False,
    )
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [everybody]}
    root.set_bucket_policy(bucket_name=BUCKET, policy=json.dumps(policy))
    root.put_object(bucket_name=BUCKET, object_name="uploads/1.csv", data=BytesIO(b"x"), length=1)


def _loosen(port: int, known: credentials.Credentials) -> None:
    """The service's role loses a limit, and is told that a commit need not be on the disk."""
    with psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=ADMIN,
        password=known.postgres_admin,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(f"alter role {APP} reset statement_timeout")
        connection.execute(f"alter role {APP} in database {DATABASE} set synchronous_commit = off")
