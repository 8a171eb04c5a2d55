"""The files of Prometheus and Grafana as they are written for a target, and who reads them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import observability

ROOT = Path(__file__).parents[2]
NODES = '[nodes]\napi-1 = "http://10.0.0.1:8000"\napi-2 = "http://10.0.0.2:8000"\n'

Render = Callable[..., Path]
Tool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def render(write_target: Callable[..., Path], tmp_path: Path) -> Render:
    """Writes them for a target file with more lines, and returns their folder."""

    def write(more: str = "", *words: str) -> Path:
        out = tmp_path / "out"
        target = write_target("https://api.example.org", f"{NODES}{more}")
        assert observability.main([str(target), str(out), *words]) == 0
        return out

    return write


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Runs a program of Debian's packages; the test is skipped where it is not there."""

    def run(program: str, *words: Any) -> subprocess.CompletedProcess[str]:
        if shutil.which(program) is None:
            package = "prometheus" if program == "promtool" else program
            pytest.skip(f"no {program}: apt-get install {package}")
        return subprocess.run(
            [program, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
        )

    return run
