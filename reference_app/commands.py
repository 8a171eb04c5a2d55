"""What the commands of the service share: how they say that they will not start."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from reference_app.settings import SettingsError


@contextmanager
def refusals(*kinds: type[Exception], status: int = 1) -> Iterator[None]:
    """An environment that is not fit, and what else is refused, ends the command with a word."""
    refused: tuple[type[Exception], ...] = (SettingsError, *kinds)
    try:
        yield
    except refused as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(status)
