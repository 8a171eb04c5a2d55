"""One file per server of the reference deployment, found by folder.

A file has a function `units(site)` that writes the server's configuration and yields its units.
"""

import importlib
import pkgutil

from golive.adapters.native.site import Site
from golive.adapters.native.unit import Unit


def collect(site: Site) -> tuple[Unit, ...]:
    """The units of every file beside this one."""
    found: list[Unit] = []
    for module in pkgutil.iter_modules(__path__):
        found.extend(importlib.import_module(f"{__name__}.{module.name}").units(site))
    return tuple(found)
