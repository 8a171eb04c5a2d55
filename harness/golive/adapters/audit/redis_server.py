"""One Redis, asked for its settings, and by several for what they may do."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeVar

import redis

from golive.adapters import redis_queue
from golive.errors import UnobservableError
from golive.model.audit_ports import Who
from golive.model.ports import Recorder
from golive.model.setting import Setting

T = TypeVar("T")

MOST_KEYS = 2000
"""Lifetimes are asked of so many keys: enough to find a rule broken, in well under a second."""
SCANNED_AT_ONCE = 500
NEVER_EXPIRES, GONE = -1, -2


class RedisServerAdapter:
    """Questions of one step to one Redis. `service` gives the URL with the service's login."""

    def __init__(
        self, place: str, urls: Mapping[Who, str], service: Callable[[], str], recorder: Recorder
    ) -> None:
        self._place = place
        self._urls = urls
        self._service = service
        self._recorder = recorder

    def config(self, name: str) -> Setting:
        """A setting, by CONFIG GET."""
        with self._recorder.operation(f"REDIS CONFIG GET {name}") as operation:
            found = self._ask(lambda: self._observer.config_get(name))
            operation.ok(known=bool(found))
        return Setting(self._place, name, str(found[name]) if name in found else None)

    def info(self, name: str) -> Setting:
        """A figure, by INFO."""
        with self._recorder.operation(f"REDIS INFO {name}") as operation:
            found = self._ask(self._observer.info)
            operation.ok(known=name in found)
        return Setting(self._place, name, found.get(name))

    def word(self, who: Who, *command: str) -> Setting:
        """The first word of the answer to a command."""
        url = self._service() if who is Who.SERVICE else self._urls[who]
        with self._recorder.operation(f"REDIS {command[0]}", by=who.value) as operation:
            client = redis_queue.connect(url)
            try:
                word = self._word(client, who, command)
            finally:
                client.close()
            operation.ok(word=word)
        return Setting(self._place, f"{' '.join(command)} by {who}", word)

    def lifetimes(self, pattern: str) -> tuple[Setting, ...]:
        """Of the keys that fit: how many, how many that never expire, the longest in seconds."""
        with self._recorder.operation("REDIS TTL", pattern=pattern) as operation:
            seconds = self._ask(lambda: self._lifetimes(pattern))
            operation.ok(keys=len(seconds))
        forever = sum(one == NEVER_EXPIRES for one in seconds)
        return (
            Setting(self._place, f"keys {pattern}", len(seconds)),
            Setting(self._place, f"keys {pattern} that never expire", forever),
            Setting(self._place, f"longest lifetime of {pattern}, s", max(seconds, default=0)),
        )

    @cached_property
    def _observer(self) -> redis.Redis:
        return redis_queue.connect(self._urls[Who.OBSERVER])

    def _lifetimes(self, pattern: str) -> list[int]:
        keys: list[bytes] = []
        for key in self._observer.scan_iter(match=pattern, count=SCANNED_AT_ONCE):
            keys.append(key)
            if len(keys) == MOST_KEYS:
                break
        with self._observer.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.ttl(key)
            return [one for one in pipeline.execute() if one != GONE]

    def _word(self, client: redis.Redis, who: Who, command: tuple[str, ...]) -> str:
        try:
            answer = client.execute_command(*command)  # type: ignore[no-untyped-call]
        except redis.exceptions.NoPermissionError:
            return "NOPERM"
        except redis.AuthenticationError as error:
            if who is not Who.STRANGER:
                # Nothing was tried: whoever cannot log in is refused everything.
                raise UnobservableError(self._place, f"{who} cannot log in") from error
            return "NOAUTH"
        except redis.ResponseError as error:
            # A command that was renamed is refused as well as one that is forbidden.
            is_unknown = "unknown command" in str(error)
            return "UNKNOWN" if is_unknown else str(error).partition(" ")[0]
        except redis.RedisError as error:
            raise redis_queue.sorted_out(error, self._place) from error
        return answer.decode() if isinstance(answer, bytes) else str(answer)

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except redis.RedisError as error:
            raise redis_queue.sorted_out(error, self._place) from error
