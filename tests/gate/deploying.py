"""Deploys under load: the workload of a drill, with `golive deploy` as what happens meanwhile."""

import json
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROGRAM, Golive

ROOT = Path(__file__).parents[2]

DRILL = """
from golive.api import Demands, Drill, Injection, Workload

deploy = Drill(
    statement="A version is deployed while notifications come in, and none is lost.",
    code="S26",
    faults=(
        Injection(
            "command", command="deploy", lasting_seconds=(0.1, 0.1), apart_seconds=(1.0, 1.0)
        ),
    ),
    workload=Workload(notifications={notifications}, per_second={per_second}, repeated=0.0),
    demands=Demands(recover_within_seconds=45.0, must_hit=False),
    remediation="Drain a node before it ends.",
)
"""

COMMAND = """
[faults.commands.deploy]
begin = {begin}
end = "true"
touches = "every server, one after the other"
"""


@dataclass(frozen=True)
class Deployed:
    """What a deploy under load has come to: its record, and the figures of the ledger."""

    record: dict[str, Any]
    figures: dict[str, Any]
    verdict: str
    strike_seconds: float
    sent_seconds: float
    answers: Mapping[str, int]

    @property
    def seconds(self) -> Mapping[str, float]:
        """How long each step took."""
        return {
            f"{'back: ' if one['back'] else ''}{one['act']} {one['node']}".strip(): one["seconds"]
            for one in self.record["steps"]
        }

    @property
    def seconds_back(self) -> float:
        """How long rolling back took."""
        return sum(one["seconds"] for one in self.record["steps"] if one["back"])


def version(folder: Path, edit: Callable[[Path], None] = lambda _package: None) -> Path:
    """A version of the service: the checkout's, with an edit."""
    package = folder / "reference_app"
    shutil.copytree(ROOT / "reference_app", package, ignore=shutil.ignore_patterns("__pycache__"))
    said = package / "__init__.py"
    said.write_text(said.read_text().replace('__version__ = "', '__version__ = "9.'))
    edit(package)
    return folder


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit: other words in a file."""

    def edit(package: Path) -> None:
        text = (package / file).read_text()
        assert old in text, f"{file} does not say {old!r}"
        (package / file).write_text(text.replace(old, new, 1))

    return edit


def deploy_under_load(
    golive: Golive,
    target_file: str,
    chosen: Path,
    tmp_path: Path,
    *,
    notifications: int,
    per_second: float,
) -> Deployed:
    """Deploy it while notifications come in."""
    deploys, runs = tmp_path / "deploys", tmp_path / "runs"
    words = [str(PROGRAM), "deploy", target_file, "--version", str(chosen), "--out", str(deploys)]
    # Rolled back is what a test may be after.
    shell = f"{shlex.join(words)}; test $? -le 1"
    begin = shlex.join(["sh", "-c", shell])
    target = tmp_path / "loaded.toml"
    text = Path(target_file).read_text() + COMMAND.format(begin=json.dumps(begin))
    target.write_text(text)
    shutil.copy(Path(target_file).with_suffix(".env"), target.with_suffix(".env"))
    catalog = tmp_path / "catalog"
    (catalog / "chaos" / "drills").mkdir(parents=True)
    (catalog / "chaos" / "drills" / "deploy.py").write_text(
        DRILL.format(notifications=notifications, per_second=per_second)
    )
    ran = golive(
        *("run", target, "--only", "chaos.deploy", "--catalog", catalog, "--out", runs),
        cwd=ROOT,
        timeout_seconds=400,
    )
    assert list(deploys.glob("*/deploy.json")), ran.stderr
    return _read(runs, deploys)


def _read(runs: Path, deploys: Path) -> Deployed:
    (record,) = deploys.glob("*/deploy.json")
    (run,) = (one.parent for one in runs.glob("*/verdict.json"))
    document = json.loads((run / "verdict.json").read_text())
    (finding,) = document["findings"]
    evidence = json.loads((run / "evidence" / "chaos.deploy.json").read_text())
    facts = evidence["evidence"][0]["facts"]
    answers: dict[str, int] = {}
    for delivery in facts["deliveries"]:
        word = f"{delivery[4]}: {delivery[5]}"
        answers[word] = answers.get(word, 0) + 1
    (strike,) = facts["strikes"]
    return Deployed(
        record=json.loads(record.read_text()),
        figures=finding["measured"],
        verdict=f"{document['verdict']}: {finding['summary']}",
        strike_seconds=strike[3] - strike[2],
        sent_seconds=max(delivery[7] for delivery in facts["deliveries"]) - strike[2],
        answers=answers,
    )
