"""`golive down`: ends what `golive up` started."""

import typer

from golive.adapters.deployments import find_backend, find_deployment
from golive.cli.console import say
from golive.model.deployment import DEFAULT_NAME, Deployment, DeploymentState


def command(
    name: str = typer.Option(DEFAULT_NAME, help="Name of the deployment."),
    purge: bool = typer.Option(False, "--purge", help="Remove its data and logs as well."),
) -> int:
    """End the reference deployment; its data stays for the next `up`.

    Example: [bold]golive down[/]
    """
    deployment = find_deployment(name)
    if deployment is None:
        say(f"{name} is not up; nothing to end.")
        return 0
    if deployment.state in (DeploymentState.STOPPED, DeploymentState.FAILED):
        say(f"{name} is not up; nothing to end.")
    else:
        _end(deployment)
    if purge:
        find_backend(deployment.backend).remove(deployment)
        say(f"its data and logs are gone: {deployment.folder}")
    return 0


def _end(deployment: Deployment) -> None:
    find_backend(deployment.backend).stop(deployment, say)
    ended = ", ".join(one.role for one in deployment.processes if one.pid is not None)
    say(f"{deployment.name} has ended: {ended or 'no server had been started'}.")
