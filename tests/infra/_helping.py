"""What the tests of infra/ share beside fixtures."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]


def until(holds: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait until something holds, or fail with what it was."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.03)


def end(process: "subprocess.Popen[Any]") -> None:
    """End a process and everything below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()
    for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
        pipe.close()


@dataclass(frozen=True)
class Balancer:
    """A running nginx."""

    url: str
    home: Path
    reload: str

    @property
    def nodes(self) -> Path:
        """The file that it includes."""
        return self.home / "nodes.conf"

    def check(self, path: str = "/health/ready", reload: str = "") -> int:
        """One round of the health check, as the timer would start it."""
        words = ["--nodes", str(self.nodes), "--path", path, "--reload", reload or self.reload]
        command = [sys.executable, "-m", "infra.health", *words]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    def ask(self, times: int, request_id: str = "plain") -> set[int]:
        """The statuses of as many requests, each on a connection of its own: while it is reloaded,
        nginx closes idle ones, perhaps in the moment in which something is sent.
        """
        headers = {"X-Request-ID": request_id, "Connection": "close"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False) as client:
            return {client.get("/health").status_code for _ in range(times)}
