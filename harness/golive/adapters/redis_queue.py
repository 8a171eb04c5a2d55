"""A queue in Redis, observed by raw keys.

The libraries' own counters run clean-ups while they count, and would change what they look at.
Key names: RQ 2 and 3 (`rq:queue:NAME`, `rq:wip:NAME`, …), Laravel's Redis queue (`queues:NAME`,
`queues:NAME:reserved`, `queues:NAME:delayed`).
"""

from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from golive.adapters import queue_age
from golive.adapters.dsn import UNCLEAR, splits_password
from golive.errors import UnobservableError, UnreachableError
from golive.model.ports import QueueDepth, Recorder
from golive.model.target import ObserveQueue

TIMEOUT_SECONDS = 4.0
SERVES_NOBODY = ("MASTERDOWN", "CLUSTERDOWN", "LOADING")


def connect(url: str) -> redis.Redis:
    """A client that fails at once instead of retrying for minutes; it connects when used."""
    if splits_password(url):
        raise UnobservableError("REDIS", UNCLEAR)
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        # Its sentence quotes what it cannot read, and that may hold a password.
        raise UnobservableError("REDIS", "the URL is no address of a Redis") from None


class QueueAdapter:
    """Questions of one step to the queue's Redis."""

    def __init__(self, client: redis.Redis, section: ObserveQueue, recorder: Recorder) -> None:
        self._client = client
        self._section = section
        self._recorder = recorder

    def depths(self) -> tuple[QueueDepth, ...]:
        """The lengths of every named queue."""
        count = self._rq if self._section.kind == "rq" else self._laravel
        return tuple(count(name) for name in self._section.names)

    def workers(self) -> int | None:
        """How many workers are registered, None where this kind of queue does not say."""
        if self._section.kind != "rq":
            return None
        return self._numbers("workers", ("SCARD", "rq:workers"))[0]

    def oldest_seconds(self) -> float | None:
        """How long the longest waiting of the next jobs has waited, None where no queue says."""

        def ask(command: str, key: str, *words: str) -> bytes | None:
            answer = self._client.execute_command(command, f"{self._section.prefix}{key}", *words)  # type: ignore[no-untyped-call]
            return cast(bytes | None, answer)

        with self._recorder.operation("REDIS oldest") as operation:
            try:
                seconds = queue_age.oldest_seconds(self._section.kind, self._section.names, ask)
            except redis.RedisError as error:
                operation.fail(error=str(error))
                raise sorted_out(error, _address(self._client)) from error
            operation.ok(seconds=seconds)
        return seconds

    def memory_bytes(self) -> int:
        """How much memory its data takes."""
        with self._recorder.operation("REDIS memory") as operation:
            try:
                facts = cast(dict[str, int], self._client.info("memory"))
            except redis.RedisError as error:
                operation.fail(error=str(error))
                raise sorted_out(error, _address(self._client)) from error
            operation.ok(bytes=facts["used_memory"])
        return facts["used_memory"]

    def _rq(self, name: str) -> QueueDepth:
        waiting, popped, running, scheduled, finished, failed = self._numbers(
            name,
            ("LLEN", f"rq:queue:{name}"),
            ("LLEN", f"rq:queue:{name}:intermediate"),
            ("ZCARD", f"rq:wip:{name}"),
            ("ZCARD", f"rq:scheduled:{name}"),
            ("ZCARD", f"rq:finished:{name}"),
            ("ZCARD", f"rq:failed:{name}"),
        )
        return QueueDepth(name, waiting, popped + running, scheduled, finished, failed)

    def _laravel(self, name: str) -> QueueDepth:
        waiting, running, scheduled = self._numbers(
            name,
            ("LLEN", f"queues:{name}"),
            ("ZCARD", f"queues:{name}:reserved"),
            ("ZCARD", f"queues:{name}:delayed"),
        )
        return QueueDepth(name, waiting, running, scheduled, None, None)

    def _numbers(self, name: str, *commands: tuple[str, str]) -> list[int]:
        with self._recorder.operation(f"REDIS {name}") as operation:
            try:
                with self._client.pipeline(transaction=True) as pipeline:
                    for command, key in commands:
                        pipeline.execute_command(command, f"{self._section.prefix}{key}")  # type: ignore[no-untyped-call]
                    numbers = cast(list[int], pipeline.execute())
            except redis.RedisError as error:
                operation.fail(error=str(error))
                raise sorted_out(error, _address(self._client)) from error
            operation.ok(numbers=tuple(numbers))
        return numbers


def sorted_out(error: redis.RedisError, place: str) -> UnreachableError | UnobservableError:
    """Whether Redis is away, or only does not let us look."""
    reason = str(error)
    # Wrong credentials count as a failed connection there, and a node that is down as an answer.
    refused = isinstance(error, redis.AuthenticationError | redis.ResponseError)
    if refused and not reason.startswith(SERVES_NOBODY):
        return UnobservableError(place, reason)
    return UnreachableError("redis", place, reason)


def _address(client: redis.Redis) -> str:
    facts = client.connection_pool.connection_kwargs
    return f"REDIS {facts.get('host', 'localhost')}:{facts.get('port', 6379)}"
