"""Proof that `golive compare` tells a service that became slower from two runs of the same one.

Takes three minutes: `pytest -s tests/load/prove_compare.py`.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
LATENCY_MS = 4


@contextmanager
def a_slower_queue(deployment) -> Iterator[None]:
    """Every answer of the queue's Redis comes so much later."""
    toxics = f"{deployment.started.urls['toxiproxy']}/proxies/redis-queue/toxics"
    toxic = {"name": "slower", "type": "latency", "attributes": {"latency": LATENCY_MS}}
    httpx.post(toxics, json=toxic).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(f"{toxics}/slower").raise_for_status()


@pytest.fixture
def load(golive, deployment, tmp_path):
    """Makes a load; the name of its run."""

    def made() -> str:
        before = set(tmp_path.glob("*/plan.json"))
        ran = golive("load", deployment.target_file, "--out", tmp_path, cwd=ROOT)
        print(ran.stderr)
        (plan,) = set(tmp_path.glob("*/plan.json")) - before
        return plan.parent.name

    return made


def test_what_became_slower_is_named_and_what_did_not_is_not(
    golive, deployment, load, tmp_path
) -> None:
    """Two runs of the same service differ by chance alone: nothing is worse. One with a few more
    milliseconds before its queue is slower, by about as much, and the way back is faster.
    """
    first, second = load(), load()
    with a_slower_queue(deployment):
        slowed = load()

    def compare(before: str, after: str) -> subprocess.CompletedProcess[str]:
        ran = golive("compare", before, after, "--out", tmp_path, cwd=ROOT)
        print(ran.stdout)
        return ran

    same, worse, better = compare(first, second), compare(second, slowed), compare(slowed, second)
    assert same.returncode == 0, same.stdout
    assert "slower" not in same.stdout
    assert worse.returncode == 1, worse.stdout
    assert "slower" in worse.stdout
    assert better.returncode == 0, better.stdout
    assert "faster" in better.stdout
