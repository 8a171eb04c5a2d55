"""One file per fault that is more than the end of a process, found by folder.

A file has one COMMAND. Its name, with hyphens, is the file's.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from golive.adapters.native.control.deployed import Deployed

Act = Callable[[Deployed], None]


@dataclass(frozen=True)
class Command:
    """Breaks and mends; `touches` says what in words. `end` may come twice, or without `begin`,
    and returns when all is well. `possible`: whether this machine lets us.
    """

    touches: str
    begin: Act
    end: Act
    possible: Callable[[], bool] = lambda: True


def names() -> tuple[str, ...]:
    """Every command, without loading any."""
    return tuple(one.name.replace("_", "-") for one in pkgutil.iter_modules(__path__))


def load(name: str) -> Command:
    """The command of that name."""
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    command: Command = module.COMMAND
    return command
