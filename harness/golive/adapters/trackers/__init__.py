"""One issue tracker a file, found by folder: each defines `TRACKER`."""

import importlib
import pkgutil

from golive.errors import ConfigurationError
from golive.model.tracker import Tracker


def tracker_names() -> tuple[str, ...]:
    """The names that `--to` may have."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_tracker(name: str) -> Tracker:
    """The tracker of that name. Raises ConfigurationError."""
    if name not in tracker_names():
        raise ConfigurationError(
            f"--to {name}: there is no such tracker",
            remedy=f"There are {', '.join(tracker_names())}.",
        )
    tracker = importlib.import_module(f"{__name__}.{name}").TRACKER
    if not isinstance(tracker, Tracker):
        raise TypeError(f"{name}.TRACKER is a {type(tracker).__name__}")
    return tracker
