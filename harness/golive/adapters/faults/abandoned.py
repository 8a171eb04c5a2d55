"""Finds what a golive left broken that was killed. Light, because commands look before they start;
what heals is imported when there is something to heal.
"""

from collections.abc import Callable
from pathlib import Path

from golive.adapters.native.places import state_folder


def journals_folder() -> Path:
    """Where each process that breaks something keeps its journal."""
    return state_folder() / "faults"


def heal_abandoned(tell: Callable[[str], None], folder: Path | None = None) -> None:
    """Heal what the journals of dead processes name, and tell it. What cannot be healed is told
    and kept.
    """
    try:
        journals = tuple(sorted((folder or journals_folder()).glob("*.json")))
    # Where this user may not look there is nothing of theirs.
    except OSError:
        return
    if journals:
        from golive.adapters.faults.healing import heal_each

        heal_each(journals, tell)
