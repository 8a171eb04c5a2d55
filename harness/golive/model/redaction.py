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

NOTHING: frozenset[str] = frozenset()


def redacted(document: Any, redact: Callable[[str], str], names: frozenset[str] = NAMES) -> Any:
    """The document, of mappings, lists and scalars, with every foreign text redacted.

    The values of the keys in `names` stay as they are.
    """
    if isinstance(document, str):
        return redact(document)
    if isinstance(document, Mapping):
        return {
            key: value
            if key in names
            else redacted(value, redact, NOTHING if key in FOREIGN else names)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [redacted(entry, redact, names) for entry in document]
    return document
