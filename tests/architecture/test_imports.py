"""The import contracts of pyproject.toml, and that they would notice a violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VIOLATIONS = {
    "an adapter that judges": ("adapters/http.py", "import golive.judging.judge"),
    "a noun that knows a verb": ("model/slo.py", "import golive.planning.planner"),
    "a judge with a clock": ("judging/judge.py", "import time"),
    "a harness that knows its target": ("config/secrets.py", "import reference_app.settings"),
    "an unplaced package": ("helpers/__init__.py", ""),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a checkout."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": f"{folder / 'harness'}:{folder}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    """Verbs meet in the gate only, nouns know nothing, harness and service are strangers."""
    linted = lint_imports(ROOT)

    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_noticed(name: str, tmp_path: Path) -> None:
    """Each contract goes red when it is broken on purpose."""
    for part in ("harness", "reference_app"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    place, line = VIOLATIONS[name]
    broken = tmp_path / "harness/golive" / place
    broken.parent.mkdir(exist_ok=True)
    broken.write_text(f"{broken.read_text() if broken.exists() else ''}\n{line}\n")

    assert lint_imports(tmp_path).returncode == 1
