"""Who has been silent for too long. Pure: looks in, names out; no two clocks are compared."""

from collections.abc import Mapping

MAX_GAP_S = 3.0
"""After a longer break between two looks all begins anew: an outage is nobody's silence."""


class Silence:
    """Remembers since when each name says the same."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._last_look_s = float("-inf")
        self._said: dict[str, tuple[object, float]] = {}

    def look(self, now_s: float, said: Mapping[str, object]) -> set[str]:
        """Note what everybody says now; gives who has said nothing new for the whole limit."""
        known = self._said if now_s - self._last_look_s <= MAX_GAP_S else {}
        self._last_look_s = now_s
        self._said = {
            name: known[name] if name in known and known[name][0] == what else (what, now_s)
            for name, what in said.items()
        }
        return {name for name, (_, since) in self._said.items() if now_s - since >= self._limit_s}
