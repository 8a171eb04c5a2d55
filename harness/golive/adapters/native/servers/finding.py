"""Looks for a server without changing anything: on PATH, where packages put it, in our cache."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from golive.adapters.native.places import cache_folder, shared_cache_folder
from golive.adapters.native.servers.wanted import Found, GoProgram, Missing, Wanted, WheelProgram
from golive.adapters.native.versions import Version, parse_version

VERSION_TIMEOUT_SECONDS = 20
INSTALLED = "installed"
FIX = "golive doctor --fix"


def find(wanted: Wanted) -> Found | Missing:
    """The best server that is there: a preferred version first, else the first that fits."""
    fitting: list[Found] = []
    unfit: list[str] = []
    for path, source in _candidates(wanted):
        version = version_of(path, wanted.version_flag)
        if version is None or version < wanted.minimum:
            unfit.append(f"{path} is {version or 'of no known version'}")
            continue
        if wanted.preferred is None or version >= wanted.preferred:
            return Found(wanted.name, path, version, source)
        caution = f"older than the {wanted.preferred} that is wanted"
        fitting.append(Found(wanted.name, path, version, source, caution))
    return fitting[0] if fitting else _missing(wanted, unfit)


def version_of(path: Path, flag: str) -> Version | None:
    """What the program says when it is asked for its version."""
    try:
        asked = subprocess.run(
            [path, flag],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_SECONDS,
            env={"PATH": os.defpath, "HOME": os.environ.get("HOME", "/"), "GOTOOLCHAIN": "local"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # nginx answers on stderr.
    return parse_version(asked.stdout + asked.stderr)


def wheel_folder(wanted: Wanted, wheel: WheelProgram) -> Path:
    """Where the wheel of a server is unpacked."""
    root = shared_cache_folder() if wanted.unprivileged else cache_folder()
    return root / "wheels" / f"{wheel.package}-{wheel.version}"


def built_program(program: GoProgram) -> Path:
    """Where a program built from source is kept."""
    name = program.module.replace("/", "_")
    return cache_folder() / "built" / f"{name}@{program.version}" / program.program


def _candidates(wanted: Wanted) -> Iterator[tuple[Path, str]]:
    for path in _installed(wanted):
        yield path, INSTALLED
    if wanted.wheel is not None:
        path = wheel_folder(wanted, wanted.wheel) / wanted.wheel.path
        if _can_run(path):
            yield path, "wheel"
    if wanted.go is not None and _can_run(built_program(wanted.go)):
        yield built_program(wanted.go), "built with Go"


def _installed(wanted: Wanted) -> Iterator[Path]:
    seen: set[Path] = set()
    for folder in _folders(wanted):
        path = folder / wanted.program
        if wanted.companions:
            # A link to the program alone does not lead to its companions.
            path = path.resolve()
        whole = all(_can_run(path.parent / name) for name in wanted.companions)
        if path in seen or not (whole and _can_run(path)):
            continue
        seen.add(path)
        yield path


def _can_run(path: Path) -> bool:
    # In this order: is_file would raise in a folder that this user may not look into.
    return os.access(path, os.X_OK) and path.is_file()


def _folders(wanted: Wanted) -> Iterator[Path]:
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if entry:
            yield Path(entry)
    for pattern in wanted.folders:
        # The newest version last by name, so first when reversed.
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _missing(wanted: Wanted, unfit: list[str]) -> Missing:
    reason = f"{wanted.program} is not on PATH"
    if unfit:
        reason = f"{'; '.join(unfit)}, and {wanted.minimum} or newer is needed"
    if wanted.optional_because and os.geteuid() != 0:
        reason = f"{reason}, and installing it needs root"
        remedy = f"as root: {FIX}"
    else:
        remedy = FIX
    return Missing(wanted.name, reason, remedy, required=not wanted.optional_because)
