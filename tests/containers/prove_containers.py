"""Proof that containers pass what native servers pass, and that the compose file runs.

Takes five minutes: `pytest -s tests/containers/prove_containers.py`.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from dotenv import dotenv_values

from golive.adapters.native.servers import golang
from golive.adapters.native.servers.finding import built_program
from golive.adapters.native.servers.wanted import GoProgram, Wanted
from golive.adapters.native.versions import Version
from golive.adapters.tls import trusting
from golive.adapters.waiting import until
from golive.model.notification import signature_of
from infra import render

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("golive")
# The newest whose module can be installed: later ones exclude modules, which `go install` refuses.
COMPOSE = GoProgram("github.com/docker/compose/v2/cmd", "v2.29.7", "cmd")
SERVERS = ("postgres", "redis", "pgbouncer", "nginx", "minio", "toxiproxy")


@pytest.mark.usefixtures("engine")
def test_the_quick_profile_is_go_on_containers(golive, tmp_path) -> None:
    """Every suite, drills and load with it: what holds natively holds here."""
    env = {"GOLIVE_BACKEND": "containers"}
    ran = golive("run", "--out", tmp_path, cwd=ROOT, env=env, timeout_seconds=900)
    print(ran.stderr)

    (folder,) = tmp_path.iterdir()
    verdict = json.loads((folder / "verdict.json").read_text())
    red = {one["id"] for one in verdict["findings"] if one["outcome"] != "PASS"}
    assert ran.returncode == 0, red
    assert verdict["verdict"] == "GO"


def test_a_killed_start_leaves_nothing_that_stays(engine, golive) -> None:
    """What a golive left that was killed half way is removed by the next command."""
    words = ("up", "--backend", "containers", "--fresh", "--name", "halfway")
    marked = {"label": "golive.deployment=halfway"}
    with subprocess.Popen(
        [PROGRAM, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as starting:
        assert starting.stdout
        while "ready" not in starting.stdout.readline():
            assert starting.poll() is None
        starting.send_signal(signal.SIGKILL)
    assert engine.containers.list(all=True, filters=marked)

    golive("up", "--backend", "containers", "--name", "other", cwd=ROOT)
    golive("down", "--name", "other", cwd=ROOT)

    assert engine.containers.list(all=True, filters=marked) == []
    assert engine.networks.list(filters=marked) == []


@pytest.fixture(scope="module")
def compose() -> Path:
    """The program, built from source where it is not installed."""
    program = built_program(COMPOSE)
    if not program.is_file():
        if shutil.which("go") is None:
            pytest.skip("compose is built from source, and there is no Go on PATH")
        wanted = Wanted("docker-compose", "cmd", Version((2,)), go=COMPOSE)
        program = golang.build(wanted, COMPOSE, ROOT, print)
    return program


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def strong(names: dict[str, str | None]) -> dict[str, str]:
    """The same variables with real secrets."""
    return {
        name: secrets.token_hex(16) if str(value).startswith("your_") else str(value or "")
        for name, value in names.items()
    }


def write_env(path: Path, variables: dict[str, str]) -> None:
    """An env file."""
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


@pytest.fixture
def composed(engine, compose, tmp_path) -> Iterator[tuple[str, dict[str, str], Path]]:
    """The compose file running: its address, all of its settings, its authority."""
    values = tomllib.loads((ROOT / "infra/values.toml").read_text())
    render.write(values, tmp_path)
    folder = tmp_path / "compose"
    ports = {"HTTPS_PORT": str(free_port()), "HTTP_PORT": str(free_port())}
    app = strong(dotenv_values(ROOT / ".env.example", interpolate=False))
    app |= {"APP_ENV": "staging", "DB_USERNAME": "tether", "EMP_SOURCE_NETWORKS": ""}
    admin = strong(dotenv_values(folder / "admin.env.example")) | {"DB_ADMIN_USERNAME": "admin"}
    admin |= {"DB_OBSERVER_USERNAME": "observer", "HTTPS_ADDRESS": "127.0.0.1", **ports}
    images = {f"GOLIVE_IMAGE_{name.upper()}": f"golive/{name}" for name in SERVERS}
    for name, variables in {"app": app, "admin": admin, "images": images}.items():
        write_env(folder / f"{name}.env", variables)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    place = folder / "certificates"
    place.mkdir()
    certificate.private_key_pem.write_to_path(place / "privkey.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(place / "fullchain.pem", append=True)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    words = [compose, "--project-name", "golive-proof"]
    for name in ("values", "images", "app", "admin"):
        words += ["--env-file", f"{name}.env"]
    try:
        subprocess.run([*words, "up", "--detach", "--wait"], cwd=folder, check=True)
        yield f"https://localhost:{ports['HTTPS_PORT']}", app | admin, tmp_path / "authority.pem"
    finally:
        subprocess.run([*words, "logs", "--tail", "20"], cwd=folder, check=False)
        subprocess.run([*words, "down", "--volumes", "--timeout", "5"], cwd=folder, check=True)
        marked = {"filters": {"label": "com.docker.compose.project=golive-proof"}}
        assert engine.containers.list(all=True, **marked) == []


def test_the_compose_file_runs_the_service(composed, engine) -> None:
    """A signed notification is taken over https and has its effect; only the balancer is
    published, and the stores cannot be reached from outside, nor reach it.
    """
    url, app, authority = composed
    unique_id = secrets.token_hex(16)
    form = {
        "unique_id": unique_id,
        "signature": signature_of(unique_id, app["EMP_API_PASSWORD"], "sha1"),
        "transaction_id": "proof",
        "transaction_type": "sdd_sale",
        "status": "approved",
        "amount": "1000",
        "currency": "EUR",
    }
    with httpx.Client(verify=trusting(str(authority)), base_url=url) as client:
        assert client.get("/health/ready").status_code == 200
        first = client.post("/api/webhooks/emp", data=form)
        again = client.post("/api/webhooks/emp", data=form)
    assert (first.status_code, again.status_code) == (200, 200)
    containers = engine.containers.list(
        filters={"label": "com.docker.compose.project=golive-proof"}
    )
    (postgres,) = (one for one in containers if one.name.startswith("golive-proof-postgres"))
    query = f"select count(*) from webhook_events where unique_id = '{unique_id}'"  # noqa: S608 - our own
    words = [
        "psql",
        "-h",
        "postgres",
        "-U",
        app["DB_ADMIN_USERNAME"],
        "-d",
        "tether",
        "-tAc",
        query,
    ]

    def effects() -> str:
        password = {"PGPASSWORD": app["DB_ADMIN_PASSWORD"]}
        told: bytes = postgres.exec_run(words, environment=password).output
        return told.decode().strip()

    assert until(effects, lambda told: told != "0", within_seconds=20.0) == "1"

    published = {
        one.labels["com.docker.compose.service"]
        for one in containers
        if any(one.attrs["NetworkSettings"]["Ports"].values())
    }
    networks = {
        one.labels["com.docker.compose.service"]: set(one.attrs["NetworkSettings"]["Networks"])
        for one in containers
    }
    assert published == {"nginx"}
    for store in ("postgres", "redis-queue", "redis-cache", "minio", "pgbouncer"):
        assert networks[store] == {"golive-proof_private"}
    assert engine.networks.get("golive-proof_private").attrs["Internal"] is True
