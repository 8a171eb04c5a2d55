"""Trackers on loopback, an epic that a test may change, and the command that exports to them."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from golive.catalog.epic import built_in_epic
from golive.cli.app import run
from golive.model.plan import Plan
from tests.trackers.fake_clickup import FakeClickUp
from tests.trackers.fake_github import FakeGithub
from tests.trackers.fake_jira import FakeJira
from tests.trackers.fake_linear import FakeLinear
from tests.trackers.serving import FakeTracker, reachable

ROOT = Path(__file__).parents[2]
KINDS = (FakeGithub, FakeJira, FakeLinear, FakeClickUp)


@dataclass(frozen=True)
class Ran:
    """What the command said and how it ended."""

    code: int
    out: str
    err: str


Export = Callable[..., Ran]


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Export:
    """`golive export`, in this process."""

    def exported(*words: str | Path) -> Ran:
        code = run(["export", *map(str, words)])
        return Ran(code, *capsys.readouterr())

    return exported


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def tracker(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeTracker]:
    """Each tracker in turn, its address and token in the environment."""
    with reachable(request.param(), monkeypatch) as serving:
        yield serving


@pytest.fixture
def epic(tmp_path: Path) -> Path:
    """A copy of golive's own epic."""
    return Path(shutil.copytree(built_in_epic(), tmp_path / "epic"))


@pytest.fixture
def plan_of_nothing() -> Plan:
    """The plan of a recorded run."""
    recorded = json.loads((ROOT / "tests/golden/go.run.json").read_text(encoding="utf-8"))
    return TypeAdapter(Plan).validate_json(json.dumps(recorded["plan"]))


@pytest.fixture
def run_of_health(golive, write_target, healthy_url: str, tmp_path: Path) -> Path:
    """A real run, in which the health check alone passed."""
    golive("run", write_target(healthy_url), "--only", "smoke.health", cwd=tmp_path)
    (folder,) = (tmp_path / "runs").iterdir()
    return folder
