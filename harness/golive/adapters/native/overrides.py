"""Settings of the reference service that a deployment is asked to have other values of."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from dotenv import dotenv_values

from golive.errors import DeploymentError

EXAMPLE = ".env.example"


def require_known(checkout: Path, settings: Iterable[tuple[str, str]]) -> None:
    """Refuse a name that the service would not read, which would change nothing and say nothing."""
    known = dotenv_values(checkout / EXAMPLE, interpolate=False)
    for name, _ in settings:
        if name not in known:
            close = difflib.get_close_matches(name, known)
            raise DeploymentError(
                f"the service has no setting {name!r}",
                remedy=f"Did you mean {' or '.join(close)}?" if close else f"All are in {EXAMPLE}.",
            )
