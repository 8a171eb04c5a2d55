"""`infra/native/setup.sh`, with a stub for the environment's Python."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[4] / "infra" / "native" / "setup.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment is whole and holds what the lock file says."""
    root = tmp_path / "real"
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to("/bin/true")
    (programs / "pip").write_text(f"#!{root}/.venv/bin/python\n")
    for name in ("requirements.lock", "pyproject.toml"):
        (root / name).write_text(f"{name}\n")
    wanted = sha256(b"requirements.lock\npyproject.toml\n").hexdigest()
    (root / ".venv" / ".golive-ready").write_text(f"{wanted}  -\n")
    return root


def set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it there, as make does."""
    return subprocess.run(
        ["sh", SETUP, "python3", ".venv"],
        cwd=folder,
        env={**os.environ, "PWD": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_link_to_the_checkout_changes_nothing(checkout, tmp_path) -> None:
    """An environment is whole, however its folder was reached."""
    link = tmp_path / "link"
    link.symlink_to(checkout)

    done = set_up(link)

    assert (done.returncode, done.stderr) == (0, "")
    assert (checkout / ".venv" / "bin" / "pip").exists()


def test_a_moved_environment_is_made_anew(checkout, tmp_path) -> None:
    """The environment of another folder is not taken for whole."""
    moved = checkout.rename(tmp_path / "moved")

    done = set_up(moved)

    assert "making .venv" in done.stderr
