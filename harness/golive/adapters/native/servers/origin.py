"""Where a server that is there came from, in words."""

import shutil
import subprocess

from golive.adapters.native.servers.finding import INSTALLED
from golive.adapters.native.servers.wanted import Found


def origin(found: Found) -> str:
    """The Debian package that owns the program, or how we got it."""
    query = shutil.which("dpkg-query")
    if found.source != INSTALLED or query is None:
        return found.source
    asked = subprocess.run(
        [query, "--search", str(found.path)], capture_output=True, text=True, check=False
    )
    package, separator, _ = asked.stdout.partition(":")
    return f"Debian package {package}" if separator else found.source
