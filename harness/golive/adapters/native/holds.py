"""Roles that are to stay down: `holds/<role>` in the deployment's folder, while it is there."""

from pathlib import Path

FOLDER = "holds"


def hold(folder: Path, role: str) -> None:
    """Keep the role from being started again."""
    path = folder / FOLDER / role
    path.parent.mkdir(exist_ok=True)
    path.touch()


def release(folder: Path, role: str) -> None:
    """Let it be started again."""
    (folder / FOLDER / role).unlink(missing_ok=True)


def is_held(folder: Path, role: str) -> bool:
    """Whether it is to stay down."""
    return (folder / FOLDER / role).exists()
