"""Ends servers in an orderly way and starts them in a release."""

from pathlib import Path

import psutil

from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.control.roles import ServerRole
from golive.adapters.native.logs import tail
from golive.adapters.native.releases import CHECKOUT, Releases
from golive.adapters.native.releasing import balancer
from golive.errors import DeploymentError
from golive.model.deployment import ProcessState, ending

FAILED = (ProcessState.DIED, ProcessState.STOPPED)


def drain(deployed: Deployed, role: str) -> None:
    """Give it no new requests, let it finish what it has, end it and keep it down."""
    if balancer.is_balanced(deployed, role):
        balancer.take_out(deployed, role)
    deployed.restraints.hold(role)
    ServerRole(deployed, role).terminate()
    await_true(lambda: deployed.server(role).state in FAILED, f"the end of {role} is noted")


def start(deployed: Deployed, role: str, release: str) -> None:
    """Start it in a release. Raises DeploymentError, with the end of its log, as soon as it dies;
    it is kept down then.
    """
    releases = Releases(deployed.folder)
    if release != CHECKOUT and not releases.has(release):
        raise DeploymentError(f"release {release} has not been prepared here")
    if deployed.living(role) is not None:
        raise DeploymentError(f"{role} runs still", remedy="Drain it first.")
    releases.put(role, release)
    before = deployed.server(role).restarts
    deployed.restraints.release(role)
    await_true(lambda: _is_decided(deployed, role, before), f"{role} runs")
    if not deployed.is_running(role):
        deployed.restraints.hold(role)
        died = deployed.server(role)
        raise DeploymentError(
            f"{role} did not start ({ending(died.exit_code)})\n{tail(Path(died.log))}"
        )


def running(deployed: Deployed, role: str) -> str:
    """The release that its process really runs in."""
    living = deployed.living(role)
    process = living.process() if living else None
    if process is None:
        raise DeploymentError(f"{role} does not run")
    try:
        place = process.environ().get("PYTHONPATH", "")
    except psutil.Error as problem:
        raise DeploymentError(f"{role} cannot be looked at: {problem}") from None
    return Releases(deployed.folder).at(place)


def _is_decided(deployed: Deployed, role: str, before: int) -> bool:
    server = deployed.server(role)
    if server.restarts == before:
        return False
    return server.state in FAILED or server.restarts > before + 1 or deployed.is_running(role)
