"""`python -m golive.adapters.native.control FOLDER ROLE status|start|kill|…`, or, for a fault that
is more than the end of a process, `FOLDER NAME begin|end`.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from golive.adapters.native import control
from golive.adapters.native.control import commands, roles
from golive.adapters.native.control.calling import answer
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.state import AT_WORK, read_snapshot
from golive.errors import DeploymentError

# What a deployment that has ended took along: no fault is left in it, and nothing to mend.
GONE: Mapping[str, str | None] = {"status": "gone", "end": None}

Verb = Callable[..., str | None]


def act(folder: Path, name: str, verb: str) -> str | None:
    """Do it; what there is to print."""
    if verb in GONE and _is_gone(folder):
        return GONE[verb]
    deployed = Deployed(folder)
    if name in commands.names():
        command = commands.load(name)
        if not command.possible():
            raise DeploymentError(f"this machine does not allow {name}")
        return _chosen(name, verb, {"begin": command.begin, "end": command.end})(deployed)
    role = roles.find(deployed, name)
    return _chosen(name, verb, roles.verbs(type(role)))(role)


def _is_gone(folder: Path) -> bool:
    snapshot = read_snapshot(folder)
    return snapshot is None or snapshot.deployment.state not in AT_WORK


def _chosen(name: str, verb: str, known: Mapping[str, Verb]) -> Verb:
    if verb not in known:
        raise DeploymentError(f"{name} has no {verb}", remedy=f"It has: {', '.join(known)}")
    return known[verb]


def main(arguments: list[str]) -> int:
    """Act, and say in a sentence what could not be done."""
    return answer(act, control.__name__, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
