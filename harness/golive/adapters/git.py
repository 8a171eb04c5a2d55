"""What git knows: the commit that is being judged, and who sits here."""

import subprocess
from pathlib import Path

# The folder may belong to another user; git only reads it.
_ANYBODYS = ("-c", "safe.directory=*")


def commit_of(folder: Path, apart_from: Path) -> str:
    """The last commit that changed anything but a folder, empty where there is no repository.

    Whoever commits the logbooks must not make stale what they say.
    """
    return _ask(folder, "log", "-1", "--format=%H", "--", ":/", f":(exclude){apart_from}") or _ask(
        folder, "rev-parse", "--verify", "HEAD"
    )


def user_name(folder: Path) -> str:
    """Whoever commits here, empty where git does not know."""
    return _ask(folder, "config", "user.name")


def _ask(folder: Path, *words: str) -> str:
    try:
        asked = subprocess.run(
            ["git", *_ANYBODYS, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
