"""The linters and the type checker that everybody runs before a commit."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

TOOLS = {
    "ruff check": ["ruff", "check", "--no-cache", "--output-format", "concise", "."],
    "ruff format": ["ruff", "format", "--no-cache", "--check", "."],
    "mypy": ["mypy", "--cache-dir", "/dev/null"],
    "codespell": [
        "codespell",
        "harness",
        "reference_app",
        "scenarios",
        "infra",
        "docs",
        "README.md",
    ],
    "interrogate": [
        "interrogate",
        "-vv",
        "harness",
        "reference_app",
        "scenarios",
        "reports",
        "infra",
    ],
}


@pytest.mark.parametrize("name", TOOLS)
def test_the_tool_finds_nothing(name: str) -> None:
    """The code passes the project's own settings of this tool."""
    program, *arguments = TOOLS[name]
    ran = subprocess.run(
        [BIN / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
