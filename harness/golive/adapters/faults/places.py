"""Where journals lie; apart from what reads them, because every command looks."""

from pathlib import Path

from golive.adapters.native.places import state_folder


def journals_folder() -> Path:
    """Where each process that breaks something keeps its journal."""
    return state_folder() / "faults"


def journals() -> tuple[Path, ...]:
    """Every journal that this user may see."""
    try:
        return tuple(sorted(journals_folder().glob("*.json")))
    except OSError:
        return ()
