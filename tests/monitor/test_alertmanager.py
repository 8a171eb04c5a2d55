"""The channel `alertmanager` against a real Alertmanager, which sends on to a real receiver."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from golive.adapters.escalation import find_channel
from golive.adapters.waiting import until
from golive.model.monitoring.sections import Escalate
from tests.monitor.receivers import Inbox, http_inbox
from tests.monitor.test_escalation import PAGE

PROGRAMS = ("prometheus-alertmanager", "alertmanager")

CONFIGURATION = """
route:
  receiver: people
  group_by: [alertname, incident]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: people
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


@pytest.fixture
def people() -> Iterator[Inbox]:
    """Whom Alertmanager tells."""
    with http_inbox() as inbox:
        yield inbox


@pytest.fixture
def alertmanager(people: Inbox, tmp_path: Path) -> Iterator[str]:
    """A running Alertmanager; skipped where none is installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Alertmanager: the Debian package prometheus-alertmanager is not installed")
    file = tmp_path / "alertmanager.yml"
    file.write_text(CONFIGURATION.format(url=people.url))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    words = [program, f"--config.file={file}", f"--storage.path={tmp_path}"]
    words += [f"--web.listen-address={address}", "--cluster.listen-address="]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(words, stderr=log) as running:
        try:
            assert until(lambda: _is_ready(address), bool, within_seconds=20.0), (
                tmp_path / "log"
            ).read_text()
            yield f"http://{address}"
        finally:
            running.terminate()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_an_incident_is_told_once_and_resolved(alertmanager: str, people: Inbox) -> None:
    """It begins mildly and becomes critical; what is told twice is one alert. Its end resolves all
    of it, and nothing goes on firing.
    """
    began = datetime.now(UTC) - timedelta(minutes=5)
    page = replace(PAGE, begins=began.isoformat())
    channel, section = find_channel("alertmanager"), Escalate("alertmanager", url=alertmanager)

    channel.send(replace(page, event="documented", severity="documented"), section, {})
    assert until(lambda: _told(people), lambda told: told == ["firing"], within_seconds=20.0)
    channel.send(page, section, {})
    channel.send(page, section, {})
    assert until(lambda: _told(people), lambda told: told == ["firing"] * 2, within_seconds=20.0)
    [alert] = httpx.get(f"{alertmanager}/api/v2/alerts").json()
    channel.send(replace(page, event="closed", ends=datetime.now(UTC).isoformat()), section, {})

    told = until(lambda: _told(people), lambda told: "resolved" in told, within_seconds=20.0)
    assert told == ["firing", "firing", "resolved"]
    assert httpx.get(f"{alertmanager}/api/v2/alerts").json() == []
    assert alert["labels"]["scenario"] == PAGE.scenario
    assert alert["labels"]["severity"] == "critical"
    assert "ops/rollback v41" in alert["annotations"]["description"]


def _told(people: Inbox) -> list[str]:
    return [document["status"] for _, document in people.received]
