"""What a generating process is told, as one line of JSON on its standard input."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from golive.model.load.traffic import LoadPlan, Signing
from golive.model.target import ExpectedAnswer

STOP = b"stop\n"


@dataclass(frozen=True)
class Order:
    """A load, where it goes, how it is answered, and the part that a process takes in it.

    A `master` makes no load: it tells `workers` others their shares, at `port` of this machine.
    """

    plan: LoadPlan
    seed: str
    url: str
    signing: Signing
    new: ExpectedAnswer
    duplicate: ExpectedAnswer
    role: Literal["alone", "master", "worker"] = "alone"
    workers: int = 1
    port: int = 0
    ca_file: str | None = None
    """Whom to trust at an https:// url."""


_ORDER = TypeAdapter(Order)


def line_of(order: Order) -> bytes:
    """An order as it is sent."""
    return _ORDER.dump_json(order) + b"\n"


def order_of(line: bytes) -> Order:
    """An order as it was received."""
    return _ORDER.validate_json(line)
