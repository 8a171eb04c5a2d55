"""`golive ps`: every deployment of this checkout and its servers."""

import dataclasses
import time

import typer
from rich.table import Table

from golive.adapters.deployments import all_deployments
from golive.cli.console import out, say, say_json
from golive.cli.mending import mend_abandoned
from golive.config.secrets import printable
from golive.model.deployment import Deployment, DeploymentState, ProcessState, ServerProcess, ending

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600


def command(
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
) -> int:
    """Show every deployment of this checkout: pid, port, state, uptime and restarts of each server.

    Example: [bold]golive ps --json[/]
    """
    mend_abandoned()
    deployments = all_deployments()
    if as_json:
        say_json({"deployments": [dataclasses.asdict(one) for one in deployments]})
        return 0
    if not deployments:
        say("No deployment. Start one: golive up")
    for deployment in deployments:
        _show(deployment)
    return 0


def _show(deployment: Deployment) -> None:
    say(f"{deployment.title}: {deployment.state}, {deployment.base_url}", style="bold")
    if deployment.state is DeploymentState.STOPPED:
        say(f"its data stays in {deployment.folder} for the next `golive up`")
    else:
        out.print(_table(deployment))


def _table(deployment: Deployment) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("ROLE", "STATE", "PID", "PORT", "UPTIME", "RESTARTS", "LOG"):
        table.add_column(heading, no_wrap=heading != "LOG")
    for process in deployment.processes:
        table.add_row(*map(printable, _row(process)))
    return table


def _row(process: ServerProcess) -> tuple[str, ...]:
    state = str(process.state)
    if process.state is ProcessState.DIED:
        state = f"{state} ({ending(process.exit_code)})"
    running = process.state is ProcessState.RUNNING and process.since is not None
    return (
        process.role,
        state,
        str(process.pid or "-"),
        str(process.port or "-"),
        uptime(time.time() - process.since) if running and process.since else "-",
        str(process.restarts),
        process.log,
    )


def uptime(seconds: float) -> str:
    """A duration as people say it: 12 s, 3 min, 2 h 5 min."""
    whole = int(seconds)
    if whole < MINUTE_SECONDS:
        return f"{whole} s"
    minutes = whole // MINUTE_SECONDS
    if whole < HOUR_SECONDS:
        return f"{minutes} min"
    return f"{whole // HOUR_SECONDS} h {minutes % MINUTE_SECONDS} min"
