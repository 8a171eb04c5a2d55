"""How much of the catalog a run takes."""

from enum import StrEnum


class Profile(StrEnum):
    """How much is run: on every commit, before a deploy, or the epic's own durations."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"

    def includes(self, other: "Profile") -> bool:
        """Whether a run with this profile runs what `other` asks for."""
        order = list(Profile)
        return order.index(other) <= order.index(self)
