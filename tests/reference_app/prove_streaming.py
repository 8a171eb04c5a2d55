"""Proof that 200 MB pass through one API node in constant memory while it goes on answering.

Takes a while, so pytest collects it only when named:
`pytest tests/reference_app/prove_streaming.py -s`.
"""

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import httpx
import psutil
import pytest

MB = 1024 * 1024
SIZE = 200 * MB
CHUNK = bytes(range(256)) * 4096
ALLOWED_GROWTH = 64 * MB
SLOWEST_ANSWER_S = 0.5
BOUNDARY = "proof"

StartNode = Callable[[dict[str, str]], tuple[str, Any]]


class Watch:
    """Measures a node from outside: its greatest memory, and its slowest answer meanwhile."""

    def __init__(self, url: str, pid: int) -> None:
        self._process, self._url = psutil.Process(pid), url
        self.before = self.greatest = self._process.memory_info().rss
        self.answers_s: list[float] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._weigh, self._ask)]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """End."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def growth(self) -> int:
        """Bytes of memory more than before."""
        return self.greatest - self.before

    def _weigh(self) -> None:
        while not self._over.wait(0.005):
            self.greatest = max(self.greatest, self._process.memory_info().rss)

    def _ask(self) -> None:
        with httpx.Client(base_url=self._url) as client:
            while not self._over.wait(0.02):
                started = time.perf_counter()
                client.get("/health")
                self.answers_s.append(time.perf_counter() - started)


def form() -> Iterator[bytes]:
    """A form with a file of 200 MB, piece by piece."""
    yield (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
    ).encode()
    for _ in range(SIZE // len(CHUNK)):
        yield CHUNK
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def node(deployment: Any, start_node: StartNode) -> tuple[str, int]:
    """Address and process of a node of its own, warmed up by a small upload."""
    url, process = start_node(deployment.env)
    answer = httpx.post(
        f"{url}/api/uploads",
        files={"file": ("warm.csv", b"x")},
        headers={"Authorization": f"Bearer {deployment.token}"},
    )
    assert answer.status_code == 202
    return url, process.pid


def test_200_mb_pass_through_in_constant_memory(deployment: Any, node: tuple[str, int]) -> None:
    """In and out; other routes answer all the while."""
    digest = hashlib.sha256()
    for _ in range(SIZE // len(CHUNK)):
        digest.update(CHUNK)
    url, pid = node
    headers = {"Authorization": f"Bearer {deployment.token}"}
    typed = {**headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    with Watch(url, pid) as up:
        started = time.perf_counter()
        answer = httpx.post(f"{url}/api/uploads", content=form(), headers=typed, timeout=120)
        up_s = time.perf_counter() - started
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"]
    document = httpx.get(f"{url}{path}", headers=headers).json()
    assert (document["size_bytes"], document["sha256"]) == (SIZE, digest.hexdigest())
    received = hashlib.sha256()
    with (
        Watch(url, pid) as down,
        httpx.stream("GET", f"{url}{path}/download", headers=headers, timeout=120) as answer,
    ):
        for chunk in answer.iter_bytes():
            received.update(chunk)
    assert received.digest() == digest.digest()
    for name, watch in (("up", up), ("down", down)):
        ordered = sorted(watch.answers_s)
        sys.stdout.write(
            f"\n{name}: +{watch.growth / MB:.1f} MB, {len(ordered)} other answers, median"
            f" {ordered[len(ordered) // 2] * 1000:.1f} ms, slowest {ordered[-1] * 1000:.1f} ms\n"
        )
        assert watch.growth < ALLOWED_GROWTH
        assert ordered[-1] < SLOWEST_ANSWER_S
    sys.stdout.write(f"up took {up_s:.1f} s\n")
