"""What stores hold before the service starts: `reference_app.prepare` makes it, as elsewhere."""

import sys
from collections.abc import Mapping
from functools import partial

from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Task


def prepared(
    site: Site, name: str, what: str, environment: Mapping[str, str], needs: tuple[str, ...]
) -> Task:
    """The task that prepares a store."""
    return Task(name, partial(_run, prepare_command(site, what, environment)), needs=needs)


def prepare_command(site: Site, what: str, environment: Mapping[str, str]) -> Command:
    """The command that prepares a store of the site."""
    arguments = (sys.executable, "-m", "reference_app.prepare", what)
    return Command(arguments, folder=site.checkout, environment=environment)


async def _run(command: Command, run: Run) -> None:
    await run(command)
