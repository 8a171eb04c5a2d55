"""Takes API nodes out of the balancer and in again, as an administrator does: a word in nginx's
configuration, and a reload.
"""

import re
import signal
from pathlib import Path

import psutil

from golive.adapters.native import processes
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.credentials import write_private
from golive.adapters.native.ports import LOOPBACK
from golive.errors import DeploymentError

ROLE = "nginx"
LEAVING = "shutting down"
_SERVER = r"^(?P<line>\s*server {address}\b[^;\n]*?)(?P<down> down)?;"


def take_out(deployed: Deployed, role: str) -> None:
    """Let the node have no new requests. Raises DeploymentError where it is the last one."""
    others = [one for one in _nodes(deployed) if one != role and not _is_out(deployed, one)]
    if not others:
        raise DeploymentError(
            f"{role} is the only API node that has requests: without it they would fail",
            remedy="Deploy to two nodes or more: golive up --api-nodes 2",
        )
    _set(deployed, role, down=True)


def put_in(deployed: Deployed, role: str) -> None:
    """Let it have requests again."""
    _set(deployed, role, down=False)


def is_balanced(deployed: Deployed, role: str) -> bool:
    """Whether it is a node behind the balancer at all."""
    return role in _nodes(deployed)


def _nodes(deployed: Deployed) -> list[str]:
    text = _configuration(deployed).read_text()
    servers = deployed.snapshot().deployment.processes
    return [one.role for one in servers if one.port and _line(one.port).search(text)]


def _is_out(deployed: Deployed, role: str) -> bool:
    found = _line(deployed.server(role).port).search(_configuration(deployed).read_text())
    return found is not None and found["down"] is not None


def _set(deployed: Deployed, role: str, *, down: bool) -> None:
    if _is_out(deployed, role) is down:
        return
    file = _configuration(deployed)
    line = _line(deployed.server(role).port)
    write_private(file, line.sub(r"\g<line> down;" if down else r"\g<line>;", file.read_text()))
    _reload(deployed)


def _reload(deployed: Deployed) -> None:
    """Have nginx read its configuration, and wait until no worker takes requests by the old one."""
    living = deployed.living(ROLE)
    if living is None:
        # It reads it when it is started again.
        return
    before = {one.pid for one in _workers(living.pid)}
    living.signal(signal.SIGHUP)
    await_true(lambda: _is_renewed(living.pid, before), "nginx works by its new configuration")


def _is_renewed(master: int, before: set[int]) -> bool:
    serving = {one.pid for one in _workers(master)}
    return bool(serving) and serving.isdisjoint(before)


def _workers(master: int) -> list[psutil.Process]:
    return [one for one in processes.family(master)[1:] if LEAVING not in _title(one)]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return LEAVING


def _configuration(deployed: Deployed) -> Path:
    return deployed.folder / "data" / ROLE / "nginx.conf"


def _line(port: int | None) -> re.Pattern[str]:
    return re.compile(_SERVER.format(address=re.escape(f"{LOOPBACK}:{port}")), re.MULTILINE)
