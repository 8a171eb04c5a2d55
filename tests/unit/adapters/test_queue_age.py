"""What a queue has written down about its next job, read."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from golive.adapters.queue_age import oldest_seconds

NOW = datetime.now(UTC)
DAY_SECONDS = 86_400
AGO = NOW - timedelta(seconds=DAY_SECONDS)


def laravel(**fields: object) -> bytes:
    """A payload of Laravel's."""
    return json.dumps({"uuid": "1", "job": "J", **fields}).encode()


RQ = {
    ("LINDEX", "rq:queue:a", "0"): b"job-1",
    ("HGET", "rq:job:job-1", "enqueued_at"): f"{AGO:%Y-%m-%dT%H:%M:%S.%fZ}".encode(),
    ("LINDEX", "rq:queue:b", "0"): b"job-2",
    ("HGET", "rq:job:job-2", "enqueued_at"): f"{NOW:%Y-%m-%dT%H:%M:%S.%fZ}".encode(),
}


def test_the_longest_wait_of_all_queues_counts() -> None:
    """Of two queues of RQ, the one whose next job was enqueued first."""
    seconds = oldest_seconds("rq", ("b", "a"), lambda *words: RQ.get(words))

    assert seconds == pytest.approx(DAY_SECONDS, abs=3600)


@pytest.mark.parametrize(
    "payload, told",
    [
        (laravel(pushedAt=str(AGO.timestamp())), True),
        (laravel(createdAt=int(AGO.timestamp())), True),
        (laravel(), False),
        (laravel(pushedAt="yesterday"), False),
        (laravel(createdAt=None), False),
        (b"[1, 2]", False),
        (b"\xff no json", False),
        (None, False),
    ],
    # Two processes must collect the same names.
    ids=["pushed", "created", "neither", "no time", "null", "a list", "no json", "no job"],
)
def test_laravel_says_it_in_the_payload_or_not_at_all(payload: bytes | None, told: bool) -> None:
    """Both of its words are understood, and nothing else is taken for a time."""
    seconds = oldest_seconds("laravel", ("default",), lambda *_: payload)

    assert (seconds is not None) is told
    if seconds is not None:
        assert seconds == pytest.approx(DAY_SECONDS, abs=3600)


@pytest.mark.parametrize("written", [b"", b"soon", None])
def test_a_job_without_a_time_is_not_guessed(written: bytes | None) -> None:
    """A hash that has gone in between, or that holds nonsense, tells nothing."""
    answers = {
        ("LINDEX", "rq:queue:a", "0"): b"job",
        ("HGET", "rq:job:job", "enqueued_at"): written,
    }

    assert oldest_seconds("rq", ("a",), lambda *words: answers.get(words)) is None
