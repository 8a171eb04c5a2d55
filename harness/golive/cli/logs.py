"""`golive logs`: what the servers of a deployment write."""

import time
from collections.abc import Sequence
from pathlib import Path

import typer

from golive.adapters.deployments import find_deployment, secrets_of
from golive.adapters.native.logs import last_lines
from golive.cli.console import say
from golive.config.secrets import register
from golive.errors import DeploymentError
from golive.model.deployment import DEFAULT_NAME, Deployment

LOOK_EVERY_SECONDS = 0.3


def command(
    role: str = typer.Argument("", help="One server, as `golive ps` names it; without: all."),
    lines: int = typer.Option(50, "-n", "--lines", min=0, help="How many lines of each."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on until Ctrl-C."),
    name: str = typer.Option(DEFAULT_NAME, help="Name of the deployment."),
) -> int:
    """Show the last lines of the servers' logs, without secrets.

    Example: [bold]golive logs api-1 -n 20 --follow[/]
    """
    deployment = find_deployment(name)
    if deployment is None:
        raise DeploymentError(f"there is no deployment {name}", remedy="Start it: golive up")
    for secret in secrets_of(deployment):
        register(secret)
    logs = _logs(deployment, role)
    offsets = {log: log.stat().st_size for log in logs}
    for log in logs:
        _show(log, last_lines(log, lines), several=len(logs) > 1)
    while follow:
        time.sleep(LOOK_EVERY_SECONDS)
        for log in logs:
            fresh, offsets[log] = _since(log, offsets[log])
            _show(log, fresh, several=len(logs) > 1)
    return 0


def _logs(deployment: Deployment, role: str) -> list[Path]:
    everything = {path.stem: path for path in sorted(Path(deployment.folder, "logs").glob("*.log"))}
    if not role:
        return list(everything.values())
    if role not in everything:
        raise DeploymentError(
            f"{deployment.name} has no log of {role!r}", remedy=f"Logs: {', '.join(everything)}"
        )
    return [everything[role]]


def _since(log: Path, offset: int) -> tuple[list[str], int]:
    with log.open("rb") as file:
        file.seek(offset)
        # An unfinished line is left for the next look.
        whole, _, _ = file.read().rpartition(b"\n")
    return whole.decode(errors="replace").splitlines(), offset + len(whole) + bool(whole)


def _show(log: Path, lines: Sequence[str], *, several: bool) -> None:
    for line in lines:
        say(f"{log.stem:<16} {line}" if several else line)
