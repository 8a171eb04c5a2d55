"""What a generating process is told, as lines of JSON on its stdin: its post, then orders."""

from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from golive.model.load.traffic import LoadPlan, Signing
from golive.model.target import ExpectedAnswer

STOP = b"stop\n"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Post:
    """The part of a process: to make a load alone, or with others who know the same `secret`.

    A master makes no load: it listens at `host` and `port`, and shares the load out.
    """

    role: Literal["alone", "master", "worker"] = "alone"
    host: str = LOOPBACK
    port: int = 0
    secret: str = ""
    join_seconds: float = 30.0
    """How long a worker looks for its master."""


@dataclass(frozen=True)
class Order:
    """A load, where it goes, how it is answered. Without `url` each process makes it on a server of
    its own that does nothing; `number` tells it from the other loads of a crew.
    """

    plan: LoadPlan
    seed: str
    url: str
    signing: Signing
    new: ExpectedAnswer
    duplicate: ExpectedAnswer
    number: int = 0
    ca_file: str | None = None
    """Whom to trust at an https:// url."""


_POST = TypeAdapter(Post)
_ORDER = TypeAdapter(Order)


def line_of(told: Post | Order) -> bytes:
    """A post or an order as it is sent."""
    whole = _POST.dump_json(told) if isinstance(told, Post) else _ORDER.dump_json(told)
    return whole + b"\n"


def post_of(line: bytes) -> Post:
    """A post as it was received."""
    return _POST.validate_json(line)


def order_of(line: bytes | str) -> Order:
    """An order as it was received."""
    return _ORDER.validate_json(line)
