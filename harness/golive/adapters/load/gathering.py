"""Workers of a load on other machines: how they are waited for, and how one joins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from golive.adapters.load.crew import Crew
from golive.adapters.load.order import LOOPBACK, Post
from golive.errors import ConfigurationError

PORT = 5557
BIND = LOOPBACK
JOIN_SECONDS = 120.0

Tell = Callable[[str], None]


def meeting_at(address: str, secret: str, within_seconds: float) -> Post:
    """The post of a master at `ADDRESS` or `ADDRESS:PORT`; its workers' differ in the role."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, 0
    if not host or ":" in host or parts.username is not None or parts.netloc != address:
        raise ConfigurationError(
            f"{address!r} is no address to meet at",
            remedy="Give a name or an IPv4 address: 10.0.0.5:5557",
        )
    return Post("master", host, port, secret, within_seconds)


@contextmanager
def gathered(post: Post, workers: int, tell: Tell) -> Iterator[Crew]:
    """A crew of so many workers from elsewhere, once all of them are there."""
    with Crew(post) as crew:
        tell(
            f"on each of {workers} machines, with the secret of this one in its environment:\n"
            f"  golive worker {post.host}:{post.port}"
        )
        there = crew.gather(
            workers,
            post.join_seconds,
            lambda there: tell(f"{there} of {workers} workers are there"),
        )
        if there < workers and crew.is_gone:
            raise ConfigurationError(f"nobody can be waited for: {crew.last_words()}")
        if there < workers:
            raise ConfigurationError(
                f"{there} of {workers} workers came within {post.join_seconds:g} s",
                remedy="A worker needs the same secret, the same version of golive, and a way to "
                "the address that it is given.",
            )
        yield crew


def join(post: Post, tell: Tell) -> None:
    """Make load for a master until it needs no more."""
    where = f"{post.host}:{post.port}"
    tell(f"looking for golive load at {where}")
    heard: dict[str, object] = {}
    with Crew(post) as crew:
        while said := crew.hear(None):
            heard |= said
            if "joined" in said:
                tell(f"joined {where}; Ctrl-C leaves")
            elif "begun" in said:
                tell(f"making a load of {said['begun']:g} s")
        words = crew.last_words()
    if "joined" not in heard:
        raise ConfigurationError(
            f"nobody answered at {where} within {post.join_seconds:g} s",
            remedy="Is golive load waiting there, with the same secret and the same version?",
        )
    if not heard.get("dismissed"):
        raise ConfigurationError(f"{where} is lost: {words}", remedy="See what golive load says.")
    tell("the run is over")
