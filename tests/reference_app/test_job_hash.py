"""Building job hashes without a Redis."""

import pytest
from redis import Redis

from reference_app.queueing.job_hash import JobHashBuilder, retry_policy
from reference_app.queueing.policies import WEBHOOKS, JobRequest


def test_building_needs_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request handler may not block on a socket that RQ opens by itself."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("RQ talked to Redis")

    monkeypatch.setattr(Redis, "execute_command", refuse)
    request = JobRequest(
        WEBHOOKS, "reference_app.webhooks.job.process_emp_webhook", ({"a": "b"},), "emp-1", "x"
    )
    built = JobHashBuilder(Redis(port=1)).build(request)
    assert (built.job_key, built.queue_key) == ("rq:job:emp-1", "rq:queue:webhooks")


def test_every_job_has_three_tries_further_and_further_apart() -> None:
    """Ten seconds, half a minute, a minute."""
    assert (retry_policy().max, retry_policy().intervals) == (3, [10, 30, 60])
