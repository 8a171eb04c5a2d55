"""The systemd units, as systemd itself judges them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

MOST_EXPOSED = 30
"""Tenths: systemd calls up to 4.9 `OK`, and an ordinary unit has 9.6."""

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture
def units(render_hosts, tmp_path) -> Path:
    """The units of all hosts, with programs where they say that programs are."""
    service = tmp_path / "service"
    hosts = render_hosts(paths={"service": str(service), "minio": str(service / "minio")})
    for program in (".venv/bin/python", "acme/certificate.sh", "minio"):
        (service / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", service / program)
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in hosts.glob("*/etc/systemd/system/*"):
        shutil.copy(unit, folder)
    return folder


def test_systemd_has_nothing_to_say_against_them(units) -> None:
    """No unknown key, no missing program, no unit that is named and not there."""
    files = sorted(units.iterdir())
    assert len(files) == 10

    said = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *files],
        capture_output=True,
        text=True,
        check=False,
    )

    ours = [line for line in said.stderr.splitlines() if "tether" in line and "nginx" not in line]
    assert ours == []


def test_they_may_do_little(units) -> None:
    """What a unit is exposed to stays below a mark, as systemd counts it."""
    services = sorted(units.glob("*.service"))

    for service in services:
        asked = subprocess.run(
            [
                *("systemd-analyze", "security", "--offline=yes", "--json=short"),
                *(f"--threshold={MOST_EXPOSED}", service),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        worst = [one["name"] for one in json.loads(asked.stdout) if not one["set"]]
        assert asked.returncode == 0, f"{service.name}: {worst}"


@pytest.mark.parametrize(
    "unit", ["tether-api@.service", "tether-worker.service", "tether-minio.service"]
)
def test_what_serves_is_started_again_whatever_ends_it(units, unit) -> None:
    """Also after a clean exit, and however often."""
    text = (units / unit).read_text()

    assert "Restart=always" in text
    assert "StartLimitIntervalSec=0" in text
    assert "MemoryMax=" in text
