"""One thing that an audit looked at."""

from dataclasses import dataclass

from golive.model.facts import Scalar


@dataclass(frozen=True)
class Setting:
    """Where it stands, what it is called, what it says. Never holds a secret.

    `unknown` says why it could not be read, `left_out` why this deployment has no such thing.
    """

    place: str
    name: str
    value: Scalar = None
    unknown: str = ""
    left_out: str = ""

    def __str__(self) -> str:
        said = "not set" if self.value is None else self.value if self.value != "" else "empty"
        return f"{self.place}: {self.name} = {said}"
