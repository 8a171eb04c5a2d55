"""What stores hold before the service starts: `reference_app.prepare` makes it, as elsewhere."""

import sys
from collections.abc import Mapping

from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Task


def prepared(
    site: Site, name: str, what: str, environment: Mapping[str, str], needs: tuple[str, ...]
) -> Task:
    """The task that prepares a store."""
    arguments = (sys.executable, "-m", "reference_app.prepare", what)
    command = Command(arguments, folder=site.checkout, environment=environment)
    return Task(name, lambda run: run(command), needs=needs)
