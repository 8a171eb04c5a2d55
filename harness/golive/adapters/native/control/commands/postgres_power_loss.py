"""The power of PostgreSQL goes at the end: what it committed must be on the disk."""

from golive.adapters.native.control import postgres
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.power import Powered, is_possible


def _powered(deployed: Deployed) -> Powered:
    data = deployed.folder / "data" / postgres.ROLE / "cluster"
    return Powered(deployed, postgres.ROLE, data)


def _end(deployed: Deployed) -> None:
    _powered(deployed).cut()
    postgres.await_service(deployed)


COMMAND = Command(
    "the disk of PostgreSQL, whose power is cut at the end",
    lambda deployed: _powered(deployed).move_to_disk(),
    _end,
    is_possible,
)
