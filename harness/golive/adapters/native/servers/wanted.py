"""What a server must be, and the places that it may come from."""

from dataclasses import dataclass
from pathlib import Path

from golive.adapters.native.versions import Version


@dataclass(frozen=True)
class WheelProgram:
    """A program carried by a wheel of infra/native/wheels.lock, at `path` within it."""

    package: str
    version: str
    path: str


@dataclass(frozen=True)
class GoProgram:
    """A program built from a pinned Go module; `stamps` are linker variables for its version."""

    module: str
    version: str
    program: str
    stamps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A server: the program, the versions that fit, and its sources in the order of preference."""

    name: str
    program: str
    minimum: Version
    preferred: Version | None = None
    version_flag: str = "--version"
    companions: tuple[str, ...] = ()
    """Programs that must lie in the same folder."""
    folders: tuple[str, ...] = ()
    """Where packages put it apart from PATH, as glob patterns."""
    debian: str = ""
    service: str = ""
    """The service that its Debian package would switch on."""
    wheel: WheelProgram | None = None
    go: GoProgram | None = None
    optional_because: str = ""
    """Why the deployment is still worth having without it."""
    unprivileged: bool = False
    """It refuses to run as root, so its files must be readable by another user."""


@dataclass(frozen=True)
class Found:
    """A server that is there."""

    name: str
    path: Path
    version: Version
    source: str
    caution: str = ""


@dataclass(frozen=True)
class Missing:
    """A server that is not there, why, and the command that mends it (empty: nothing can)."""

    name: str
    reason: str
    remedy: str
    required: bool
