"""`golive up`: the reference deployment, running in the background."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from golive.adapters.deployments import (
    BACKEND_VARIABLE,
    BACKENDS,
    DEFAULT_BACKEND,
    find_backend,
    find_deployment,
)
from golive.cli.console import say
from golive.cli.mending import mend_abandoned
from golive.errors import DeploymentError
from golive.model.deployment import (
    DEFAULT_API_NODES,
    DEFAULT_NAME,
    Deployment,
    DeploymentRequest,
    DeploymentState,
    ProcessState,
    ending,
)


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    backend: str = typer.Option(
        DEFAULT_BACKEND,
        envvar=BACKEND_VARIABLE,
        help=f"What runs the servers: {' or '.join(BACKENDS)}.",
    ),
    api_nodes: int = typer.Option(DEFAULT_API_NODES, min=1, max=8, help="How many API nodes."),
    fresh: bool = typer.Option(False, "--fresh", help="Start with empty data."),
    name: str = typer.Option(DEFAULT_NAME, help="Name, for a second deployment beside the first."),
    variant: str = typer.Option("", help="Start it with a seeded defect, to see it caught."),
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the service, NAME=VALUE; may be repeated."),
    ] = None,
    tls: bool = typer.Option(False, "--tls", help="Enter it by https, certified for this machine."),
) -> int:
    """Start the reference deployment in the background and write its target file.

    Example: [bold]golive up --api-nodes 3 --set WORKERS_WEBHOOKS_MAX=8[/]
    """
    mend_abandoned()
    chosen = find_backend(backend)
    request = DeploymentRequest(
        name=name,
        api_nodes=api_nodes,
        fresh=fresh,
        variant=variant,
        settings=_settings(settings or ()),
        tls=tls,
    )
    chosen.check(request)
    before = find_deployment(name)
    if before is not None and before.state is DeploymentState.READY:
        if before.backend != chosen.name:
            raise DeploymentError(
                f"{name} is up already, on {before.backend}",
                remedy=f"golive down --name {name}, or another --name",
            )
        same = (before.variant, before.base_url.startswith("https:")) == (variant, tls)
        if same and not fresh and not request.settings:
            say(f"{before.title} is up already.")
            _show(before)
            return 0
        if fresh or request.settings:
            chosen.stop(before, say)
    _show(chosen.start(request, say))
    return 0


def _settings(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What follows `--set`, as names and values."""
    pairs = [word.partition("=") for word in words]
    if any(not (name and equals) for name, equals, _ in pairs):
        raise typer.BadParameter("write --set NAME=VALUE")
    return tuple((name, value) for name, _, value in pairs)


def _show(deployment: Deployment) -> None:
    say(f"{deployment.title}: {deployment.base_url}")
    for role, url in deployment.urls.items():
        say(f"  {role:<10} {url}")
    for process in deployment.processes:
        if process.state is ProcessState.DIED:
            say(f"  {process.role} died ({ending(process.exit_code)}) and is started again")
    for server, reason in deployment.left_out.items():
        say(f"  left out: {server} - {reason}")
    target_file = Path(deployment.target_file)
    if target_file.is_relative_to(Path.cwd()):
        target_file = target_file.relative_to(Path.cwd())
    say(f"target file: {target_file} (secrets beside it, mode 600)")
    say(f"next: golive run {target_file}; then golive down")
    say("also: golive ps, golive logs")
