"""Load that several processes make together, here and as if on other machines."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from golive.adapters.load.gathering import gathered, meeting_at
from golive.cli.app import run
from golive.errors import ConfigurationError
from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan

PROGRAM = Path(sys.executable).with_name("golive")
SECRET = "a secret of more than sixteen signs"


@pytest.fixture
def address() -> str:
    """Where nobody listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def worker(address: str, secret: str = SECRET) -> Iterator[subprocess.Popen[str]]:
    """`golive worker`, as on another machine."""
    command = [PROGRAM, "worker", address, "--wait", "60"]
    env = {**os.environ, "GOLIVE_WORKER_SECRET": secret}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def try_to_gather(address: str, workers: int, within_seconds: float) -> None:
    """Wait for workers, and do nothing with them."""
    with gathered(meeting_at(address, SECRET, within_seconds), workers, print):
        pass


def engine_of(process: subprocess.Popen[str]) -> psutil.Process:
    """The generating process of a worker."""
    (engine,) = psutil.Process(process.pid).children()
    return engine


def test_workers_elsewhere_share_a_load_and_the_rest_goes_to_who_is_left(
    order_for, address, total
) -> None:
    """Two that know the secret make one load after another, each beside a server of its own. When
    one is killed, the other has the whole rate within seconds, and the result says who left.
    Who does not know the secret is never heard. When the run is over, workers end by themselves.
    """
    short = LoadPlan((hold(40, 1),), arrivals="constant", mix=NEW_ALONE, timeout_seconds=2.0)
    long = LoadPlan((hold(40, 9),), arrivals="constant", mix=NEW_ALONE, timeout_seconds=2.0)
    said: list[str] = []
    meeting = meeting_at(address, SECRET, 60)
    with (
        worker(address, "another secret of the same length") as stranger,
        worker(address) as one,
        worker(address) as other,
    ):
        with gathered(meeting, 2, said.append) as crew:
            with crew.begin(order_for("", short)) as under_way:
                list(under_way.beats())
                first = under_way.result()
            victim = engine_of(other)
            with crew.begin(order_for("", long)) as under_way:
                for beat in under_way.beats():
                    if beat.sent > 40 and victim.is_running():
                        victim.kill()
                second = under_way.result()
        told = one.communicate(timeout=30)[1]
        stranger.kill()
        unheard = stranger.communicate()[1]

    assert said[0].endswith(f"golive worker {address}")
    assert (first.workers, first.problem, total(first).sent) == (2, "", 40)
    assert second.problem.startswith("1 of 2 workers left (")
    assert [one.sent for one in second.seconds if one.second >= 8] == [40]
    assert total(second).scheduled < 360
    assert one.returncode == 0
    assert told.strip().endswith("the run is over")
    assert unheard.startswith("looking for golive load")
    assert "joined" not in unheard


def test_who_does_not_come_is_missed_by_number(address) -> None:
    """The deadline passes with a sentence that says how many there were."""
    with pytest.raises(ConfigurationError, match=r"0 of 3 workers came within 3 s"):
        try_to_gather(address, 3, 3)


def test_an_address_that_is_taken_is_said(address) -> None:
    """Nobody waits where somebody else listens already."""
    host, port = address.split(":")
    busy = pytest.raises(ConfigurationError, match=r"nobody can be waited for: .*in use")
    with socket.create_server((host, int(port))), busy:
        try_to_gather(address, 1, 30)


@pytest.mark.parametrize("secret, why", [("", "is not set"), ("short", "has fewer than 16")])
def test_nobody_is_waited_for_without_a_secret(monkeypatch, capsys, secret: str, why: str) -> None:
    """It comes from the environment alone, and a short one could be guessed."""
    monkeypatch.setenv("GOLIVE_WORKER_SECRET", secret)

    for words in (["load", "--expect-workers", "2"], ["worker", "127.0.0.1"]):
        assert run(words) == 3
        assert f"GOLIVE_WORKER_SECRET {why}" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("address", ["", "a:b:c", "10.0.0.5:70000", "user@10.0.0.5", "a/b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is started."""
    with pytest.raises(ConfigurationError, match="is no address to meet at"):
        meeting_at(address, SECRET, 1)
