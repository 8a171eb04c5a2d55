"""Takes API nodes out of the balancer and in again, as an administrator does: by a file that has
the name of a node. nginx looks for it with each request (infra/nginx): nothing is reloaded.
"""

from pathlib import Path

from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.ports import LOOPBACK
from golive.errors import DeploymentError

ROLE = "nginx"
OUT = "out"


def take_out(deployed: Deployed, role: str) -> None:
    """Let the node have no new requests. Raises DeploymentError where it is the last one."""
    others = [one for one in _nodes(deployed) if one != role and not _mark(deployed, one).exists()]
    if not others:
        raise DeploymentError(
            f"{role} is the only API node that has requests: without it they would fail",
            remedy="Deploy to two nodes or more: golive up --api-nodes 2",
        )
    _mark(deployed, role).touch()


def put_in(deployed: Deployed, role: str) -> None:
    """Let it have requests again."""
    _mark(deployed, role).unlink(missing_ok=True)


def is_balanced(deployed: Deployed, role: str) -> bool:
    """Whether it is a node behind the balancer at all."""
    return role in _nodes(deployed)


def _nodes(deployed: Deployed) -> list[str]:
    text = (deployed.folder / "data" / ROLE / "nginx.conf").read_text()
    servers = deployed.snapshot().deployment.processes
    return [one.role for one in servers if f" {LOOPBACK}:{one.port} " in text]


def _mark(deployed: Deployed, role: str) -> Path:
    return deployed.folder / "data" / ROLE / OUT / f"{LOOPBACK}:{deployed.server(role).port}"
