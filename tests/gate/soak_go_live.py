"""The whole go-live list on the reference deployment, to its end: an hour of load, twenty minutes
of it, every drill, a deploy, the first day at 720 times its speed. `make soak`; two hours.
"""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.tls import trusting
from golive.adapters.waiting import until
from tests.conftest import PROGRAM, ROOT, Reference
from tests.monitor.traffic import Readers, Traffic

LIST = "go_live"
SCALE = 720.0
SESSION_SECONDS = 3 * 3600.0
CALLERS, READERS, PER_SECOND = 6, 4, 8
PROFILE = os.environ.get("GOLIVE_PROFILE", "full")
"""With less, what needs an hour of load stays unproven, and the list ends before its deploy."""


@dataclass(frozen=True)
class Bench:
    """The list, the target, and people who sign."""

    target: Path
    folder: Path

    def start(self, *words: str | Path, log: str) -> "subprocess.Popen[bytes]":
        """A command of golive, as somebody in the checkout would give it."""
        path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
        with (self.folder / log).open("wb") as said:
            return subprocess.Popen(
                [PROGRAM, *words],
                cwd=ROOT,
                env={**os.environ, "PATH": path, "GOLIVE_OUT": str(self.folder / "runs")},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def checklist(self, verb: str, *words: str | Path, log: str = "said") -> tuple[int, str]:
        """A command of `golive checklist`, to its end: its exit code, and what it said."""
        lists = ("--lists", self.folder / "lists")
        with self.start("checklist", verb, *words, *lists, log=log) as ran:
            try:
                code = ran.wait(SESSION_SECONDS)
            finally:
                ran.terminate()
        return code, (self.folder / log).read_text()

    @property
    def session(self) -> Sequence[str | Path]:
        """How one works through the list."""
        scale, profile = f"{SCALE:g}", PROFILE
        more = ("--version", "HEAD", "--profile", profile, "--time-scale", scale)
        return (LIST, self.target, *more)

    def items(self) -> dict[str, dict[str, Any]]:
        """How each item stands."""
        _, said = self.checklist("status", LIST, self.target, "--json")
        return {item["id"]: item for item in json.loads(said)["items"]}

    def records(self, kind: str) -> list[dict[str, Any]]:
        """What the logbook holds of a kind."""
        books = (self.folder / "lists").glob("*/logbook.ndjson")
        lines = (json.loads(line) for book in books for line in book.read_text().splitlines())
        return [line for line in lines if line["kind"] == kind]

    def subjects(self, kind: str) -> list[str]:
        """What its records of a kind are about."""
        return [line["subject"] for line in self.records(kind)]

    def sign_what_waits(self) -> list[str]:
        """Everybody signs what is theirs now."""
        waiting = {name: one["next_signature"] for name, one in self.items().items()}
        turn = [(name, role) for name, role in waiting.items() if role]
        for name, role in turn:
            words = (name, self.target, "--list", LIST, "--as", f"A. {role}", "--note", "rehearsed")
            code, said = self.checklist("sign", *words)
            assert code == 0, said
        return [name for name, _ in turn]


@pytest.fixture
def deployment() -> Iterator[Reference]:
    """Entered by https, as production is."""
    with reference_deployment(tls=True, progress=print) as started:
        yield Reference.of(started)


@pytest.fixture
def bench(deployment: Reference, tmp_path: Path) -> Bench:
    """On a deployment of this proof's own."""
    target = tmp_path / "going.toml"
    source = Path(deployment.target_file)
    target.write_text(source.read_text())
    target.with_suffix(".env").write_text(source.with_suffix(".env").read_text())
    target.with_suffix(".env").chmod(0o600)
    return Bench(target, tmp_path)


@contextmanager
def customers(deployment: Reference) -> Iterator[None]:
    """Notifications and looks of several at once: a day without any proves nothing."""
    webhook = f"{deployment.base_url}/api/webhooks/emp"
    uploads = f"{deployment.base_url}/api/uploads"
    trusted = trusting(str(Path(deployment.started.folder) / "data/nginx/ca.pem"))
    with ExitStack() as traffic:
        for _ in range(CALLERS):
            one = Traffic(webhook, deployment.webhook_password, PER_SECOND, verify=trusted)
            traffic.enter_context(one)
        for _ in range(READERS):
            traffic.enter_context(Readers(uploads, deployment.token, PER_SECOND, verify=trusted))
        yield


def kill_half_way(bench: Bench) -> list[str]:
    """Kill it during its drills; what it had found out by then."""
    lists = ("--lists", bench.folder / "lists")
    with bench.start("checklist", "run", *bench.session, *lists, log="killed") as running:
        found = until(
            lambda: [one for one in bench.subjects("finding") if one.startswith("chaos.")],
            bool,
            within_seconds=1200,
        )
        running.send_signal(signal.SIGKILL)
    assert found, (bench.folder / "killed").read_text()
    return bench.subjects("finding")


def test_going_live_from_the_first_item_to_the_last(deployment: Reference, bench: Bench) -> None:
    """Every automatic item is decided with evidence, every manual one is asked for; killed in the
    middle and resumed, nothing is looked at, run or asked twice; in the end the list is GO.
    """
    before = kill_half_way(bench)
    print(f"\nkilled; known by then: {len(before)} findings, of drills {before[-1]}")

    signed: list[str] = []
    for session in range(12):
        with ExitStack() as stack:
            if "go_live.201-deploy" in bench.subjects("ended"):
                stack.enter_context(customers(deployment))
            code, said = bench.checklist("run", *bench.session, log=f"session-{session}")
        print(f"session {session}: exit code {code}", said, sep="\n")
        now = bench.sign_what_waits()
        signed += now
        if not now:
            break

    items = bench.items()
    code, said = bench.checklist("status", LIST, bench.target)
    print(said)
    assert not [(name, one["lacks"]) for name, one in items.items() if one["outcome"] != "PASS"]
    assert code == 0, said
    _require_once(bench, before, signed)


def _require_once(bench: Bench, before: Sequence[str], signed: Sequence[str]) -> None:
    """Nothing was done again but what a deploy makes old."""
    assert sorted(bench.subjects("signed")) == sorted(set(signed))
    assert set(Counter(bench.subjects("started")).values()) == {1}
    deployed = next(
        one["at"] for one in bench.records("started") if one["subject"] == "go_live.201-deploy"
    )
    earlier = [one["subject"] for one in bench.records("finding") if one["at"] < deployed]
    assert set(before) <= set(earlier)
    assert {name: times for name, times in Counter(earlier).items() if times > 1} == {}
