"""One way to tell somebody a file, found by folder: each defines `CHANNEL`."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence

from golive.errors import ConfigurationError
from golive.model.monitoring.escalation import Channel
from golive.model.monitoring.sections import Escalate

NO_CHANNELS = frozenset({"sending", "over_http"})
"""Modules of this folder that all channels share."""


def channel_names() -> tuple[str, ...]:
    """What `kind` may be."""
    names = {module.name for module in pkgutil.iter_modules(__path__)}
    return tuple(sorted(names - NO_CHANNELS))


def find_channel(kind: str) -> Channel:
    """The channel of that name. Raises ConfigurationError."""
    if kind not in channel_names():
        raise ConfigurationError(
            f"[[monitor.escalate]] kind: there is no {kind!r}",
            remedy=f"There are {', '.join(channel_names())}.",
        )
    channel = importlib.import_module(f"{__name__}.{kind}").CHANNEL
    if not isinstance(channel, Channel):
        raise TypeError(f"{kind}.CHANNEL is a {type(channel).__name__}")
    return channel


def channels_of(sections: Sequence[Escalate]) -> dict[str, tuple[Channel, Escalate]]:
    """Every way that a target file names, by a name that tells them apart.

    Raises ConfigurationError for one that cannot work, before anything has gone wrong.
    """
    found: dict[str, tuple[Channel, Escalate]] = {}
    for section in sections:
        channel = find_channel(section.kind)
        if missing := list(_missing(channel, vars(section))):
            raise ConfigurationError(
                f"[[monitor.escalate]] of kind {section.kind}: {', '.join(missing)} is missing",
                remedy="docs/monitoring.md says what each kind needs.",
            )
        count = sum(1 for _, other in found.values() if other.kind == section.kind)
        found[f"{section.kind} {count + 1}" if count else section.kind] = (channel, section)
    return found


def _missing(channel: Channel, given: Mapping[str, object]) -> Iterator[str]:
    for need in channel.needs:
        if not any(given.get(key) for key in need.split(" or ")):
            yield need
