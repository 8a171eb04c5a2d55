"""What of a document is redacted: all that comes from outside, and nothing that golive named.

A password may be a plain word such as `smoke`; ids, outcomes and kinds must survive it.
"""

from collections.abc import Callable, Mapping
from typing import Any

NAMES = frozenset(
    {
        *("run", "golive", "profile", "environment", "capabilities", "started", "level", "expires"),
        *("id", "scenario", "suite", "process", "needs", "findings", "operations"),
        *("kind", "phase", "ending", "outcome"),
    }
)
"""Keys whose values are golive's own words."""

FOREIGN = frozenset({"facts", "measured", "left_out"})
"""Keys below which every text is the target's, whatever its key."""


def redacted(document: Any, redact: Callable[[str], str]) -> Any:
    """The document, of mappings, lists and scalars, with every foreign text redacted."""
    if isinstance(document, str):
        return redact(document)
    if isinstance(document, Mapping):
        return {
            key: value
            if key in NAMES
            else _foreign(value, redact)
            if key in FOREIGN
            else redacted(value, redact)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [redacted(entry, redact) for entry in document]
    return document


def _foreign(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _foreign(entry, redact) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_foreign(entry, redact) for entry in value]
    return redact(value) if isinstance(value, str) else value
