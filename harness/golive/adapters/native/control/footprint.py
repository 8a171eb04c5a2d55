"""`python -m golive.adapters.native.control.footprint FOLDER memory|temporary`: a line for each
process of the reference service, or for each of its temporary files.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from golive.adapters.native import processes
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.roles import WORKER
from golive.adapters.native.units.reference_service import TEMPORARY
from golive.errors import DeploymentError, GoliveError

ARGUMENTS = 2
GONE = (psutil.Error, OSError)
"""Processes end while they are looked at."""


def memory(deployed: Deployed) -> Iterator[str]:
    """Name and resident bytes of each process."""
    for role, process in _processes(deployed):
        with suppress(*GONE):
            yield f"{role} {process.memory_info().rss}"


def temporary(deployed: Deployed) -> Iterator[str]:
    """Files of the service's temporary folder, and those without a name that somebody has open."""
    folder = deployed.folder / "data" / TEMPORARY
    yield from (str(path) for path in folder.rglob("*"))
    for role, process in _processes(deployed):
        with suppress(*GONE):
            for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
                # A socket that closed meanwhile must not hide the others.
                with suppress(OSError):
                    target = descriptor.readlink()
                    if target.is_relative_to(folder) and not target.exists():
                        yield f"{role}: {target}"


def _processes(deployed: Deployed) -> Iterator[tuple[str, psutil.Process]]:
    roles = (one.role for one in deployed.snapshot().deployment.processes)
    for role in (role for role in roles if role == WORKER or role.startswith("api-")):
        living = deployed.living(role)
        for process in processes.family(living.pid) if living else ():
            below = processes.name_of(process) if living and process.pid != living.pid else ""
            yield f"{role} {below}".strip(), process


LOOKS = {"memory": memory, "temporary": temporary}


def main(arguments: list[str]) -> int:
    """Print what is seen."""
    if len(arguments) != ARGUMENTS or arguments[1] not in LOOKS:
        sys.stderr.write(f"FOLDER {'|'.join(LOOKS)}{os.linesep}")
        return GoliveError.exit_code
    try:
        sys.stdout.writelines(
            f"{line}\n" for line in LOOKS[arguments[1]](Deployed(Path(arguments[0])))
        )
    except DeploymentError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
