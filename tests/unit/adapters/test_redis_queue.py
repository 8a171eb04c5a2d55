"""The parts of the queue adapter that need no Redis."""

import pytest
import redis

from golive.adapters.redis_queue import connect, sorted_out
from golive.errors import UnobservableError, UnreachableError


@pytest.mark.parametrize(
    "url", ["redis://u:S3c/ret@127.0.0.1:1/0", "redis://u@h:S3cret/0", "S3cret@h"]
)
def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    """What a driver makes of half a password is shown nowhere."""
    with pytest.raises(UnobservableError) as caught:
        connect(url)

    assert "S3c" not in str(caught.value)


@pytest.mark.parametrize(
    "error, kind",
    [
        (redis.AuthenticationError("invalid username-password pair"), UnobservableError),
        (redis.exceptions.NoPermissionError("no permissions to run 'llen'"), UnobservableError),
        (redis.ResponseError("MASTERDOWN Link with MASTER is down"), UnreachableError),
        (redis.exceptions.BusyLoadingError("Redis is loading"), UnreachableError),
        (redis.ConnectionError("Connection refused"), UnreachableError),
        (redis.TimeoutError("Timeout reading from socket"), UnreachableError),
    ],
)
def test_away_is_told_from_not_let_in(error: redis.RedisError, kind: type[Exception]) -> None:
    """A Redis that serves nobody is the target's trouble, one that refuses us is ours."""
    assert isinstance(sorted_out(error, "REDIS"), kind)
