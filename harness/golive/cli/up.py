"""`golive up`: the reference deployment, running in the background."""

from pathlib import Path

import typer

from golive.adapters.deployments import DEFAULT_BACKEND, find_backend, find_deployment
from golive.cli.console import say
from golive.cli.mending import mend_abandoned
from golive.model.deployment import (
    DEFAULT_API_NODES,
    DEFAULT_NAME,
    Deployment,
    DeploymentRequest,
    DeploymentState,
    ProcessState,
    ending,
)


def command(
    backend: str = typer.Option(DEFAULT_BACKEND, help="What runs the servers: native."),
    api_nodes: int = typer.Option(DEFAULT_API_NODES, min=1, max=8, help="How many API nodes."),
    fresh: bool = typer.Option(False, "--fresh", help="Start with empty data."),
    name: str = typer.Option(DEFAULT_NAME, help="Name, for a second deployment beside the first."),
) -> int:
    """Start the reference deployment in the background and write its target file.

    Example: [bold]golive up --api-nodes 3[/]
    """
    mend_abandoned()
    chosen = find_backend(backend)
    running = find_deployment(name)
    if running is not None and running.state is DeploymentState.READY:
        if not fresh:
            say(f"{name} is up already.")
            _show(running)
            return 0
        chosen.stop(running, say)
    request = DeploymentRequest(name=name, api_nodes=api_nodes, fresh=fresh)
    _show(chosen.start(request, say))
    return 0


def _show(deployment: Deployment) -> None:
    say(f"{deployment.name}: {deployment.base_url}")
    for role, url in deployment.urls.items():
        say(f"  {role:<10} {url}")
    for process in deployment.processes:
        if process.state is ProcessState.DIED:
            say(f"  {process.role} died ({ending(process.exit_code)}): golive down, then up again")
    for server, reason in deployment.left_out.items():
        say(f"  left out: {server} - {reason}")
    target_file = Path(deployment.target_file)
    if target_file.is_relative_to(Path.cwd()):
        target_file = target_file.relative_to(Path.cwd())
    say(f"target file: {target_file} (secrets beside it, mode 600)")
    say(f"next: golive run {target_file}; then golive down")
    say("also: golive ps, golive logs")
