"""Generating processes against real servers, for a few seconds each."""

import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from golive.adapters.load.bare import whole
from golive.adapters.load.order import line_of, order_of
from golive.model.load.hopeless import hopeless
from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan, Mix
from golive.model.slo import Slo

# What is sent on time depends on what else runs.
pytestmark = pytest.mark.alone

NEVER_FORGED = Mix(forged=0.0)


def test_an_order_survives_its_pipe(order_for) -> None:
    """What is read on the other side is what was written."""
    one = order_for("http://127.0.0.1:1/", LoadPlan((hold(1, 1),)))

    assert order_of(line_of(one)) == one


@pytest.mark.parametrize("workers", [1, 2])
def test_everything_that_is_due_is_sent_once(serve, generate, total, workers: int) -> None:
    """One process or two with a master: the whole schedule is sent, answered and acknowledged."""
    plan = LoadPlan((hold(60, 1), hold(120, 1)), arrivals="constant", mix=NEVER_FORGED)
    with serve() as url:
        beats, result = generate(url, plan, workers)

    assert total(result).sent == total(result).answered == 180
    assert [one.sent for one in result.stages] == [60, 120, 180]
    assert result.acknowledged == tuple(range(180))
    assert beats[-1].sent == 180
    assert not result.problem


def test_the_server_is_slow_from_the_moment_that_it_was_due(serve, generate, total) -> None:
    """Both clocks agree where everything is sent on time, and show the 50 ms of the server."""
    with serve("--delay", "0.05") as url:
        _, result = generate(url, LoadPlan((hold(50, 2),), arrivals="constant", mix=NEW_ALONE))

    assert total(result).taken_p95_ms >= 50
    assert total(result).felt_p95_ms >= total(result).taken_p95_ms
    assert total(result).felt_p50_ms == pytest.approx(52, abs=30)


def test_a_server_that_answers_500_fails_every_request(serve, generate, total) -> None:
    """A wrong answer is a failure that names the answer, and soon the load is hopeless."""
    plan = LoadPlan((hold(50, 7),), mix=NEW_ALONE)
    with serve("--status", "500") as url:
        beats, result = generate(url, plan)

    assert total(result).failed == total(result).faulty == total(result).sent > 0
    assert result.answers[0][1] == "new: 500"
    assert result.acknowledged == ()
    assert hopeless(beats, plan, Slo())


def test_a_server_that_is_not_there_fails_every_request(generate, total) -> None:
    """A refused connection is a failure without an answer."""
    _, result = generate("http://127.0.0.1:9/", LoadPlan((hold(50, 1),), mix=NEW_ALONE))

    assert total(result).failed == total(result).sent > 0
    assert total(result).faulty == 0


def test_a_forged_notification_must_be_refused(serve, generate, total) -> None:
    """Acknowledged, it is a failure, and told as acknowledged; refused, it is as it should be."""
    plan = LoadPlan((hold(50, 1),), mix=Mix(0.0, 0.0, 0.0, 0.0, forged=1.0))
    with serve() as accepting, serve("--status", "401") as refusing:
        _, accepted = generate(accepting, plan)
        _, refused = generate(refusing, plan)

    assert total(accepted).failed == len(accepted.acknowledged) == total(accepted).sent > 0
    assert total(refused).failed == len(refused.acknowledged) == 0 < total(refused).sent


def test_what_cannot_be_sent_is_dropped_and_counted(serve, generate, total) -> None:
    """With ten allowed under way and a slow server, the rest is dropped, not sent later."""
    plan = LoadPlan(
        (hold(100, 2),), arrivals="constant", mix=NEW_ALONE, most_in_flight=10, timeout_seconds=2.0
    )
    with serve("--delay", "1") as url:
        _, result = generate(url, plan)

    assert total(result).scheduled == 200 == total(result).sent + total(result).dropped
    assert total(result).dropped >= 150
    assert total(result).taken_p99_ms < 1900


def test_a_generator_that_cannot_keep_up_says_so(serve, generate, total) -> None:
    """More than one process can make is sent late, and counted as late."""
    with serve() as url:
        _, result = generate(url, LoadPlan((hold(12_000, 1),), mix=NEW_ALONE))

    assert total(result).late + total(result).dropped > 0.05 * total(result).scheduled


def test_a_stopped_load_sends_no_more(serve, generating, total) -> None:
    """What was under way is still answered, and the result holds what was sent until then."""
    with serve() as url, generating(url, LoadPlan((hold(50, 60),))) as under_way:
        began = time.monotonic()
        for beat in under_way.beats():
            if beat.sent:
                under_way.stop()
        result = under_way.result()

    assert 0 < total(result).sent == total(result).answered < 500
    assert time.monotonic() - began < 30


def test_no_process_outlives_the_block(serve, generating) -> None:
    """Whatever happens within it, the generating processes are gone after it."""
    plan = LoadPlan((hold(10, 60),))
    process_ids: tuple[int, ...] = ()
    with serve() as url, suppress(KeyboardInterrupt), generating(url, plan, 2) as under_way:
        process_ids = under_way.process_ids
        next(under_way.beats())
        raise KeyboardInterrupt

    assert len(process_ids) == 3
    assert not any(psutil.pid_exists(pid) for pid in process_ids)


def test_golive_itself_never_imports_locust() -> None:
    """Locust patches the standard library of the process that imports it."""
    code = "import golive.gate, golive.adapters.connections, sys; print('locust' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    "received, length",
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", 40),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na", 0),
        (b"GET / HTTP/1.1\r\n\r\nGET", 18),
        (b"GET / HTTP", 0),
    ],
)
def test_the_bare_server_waits_for_whole_requests(received: bytes, length: int) -> None:
    """A request is its head and as much body as it says."""
    assert whole(received) == length
