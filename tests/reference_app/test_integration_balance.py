"""How the balancer moves workers while a queue fills and empties, on a real Redis."""

from redis import Redis

from reference_app.queueing import names
from reference_app.queueing.balancer import CALM_S, COOLDOWN_S, Balancer
from reference_app.queueing.groups import WorkerGroup
from reference_app.queueing.policies import WEBHOOKS

GROUP = WorkerGroup("webhooks", (WEBHOOKS,), least=2, start=2, most=5)


def looked(balancer: Balancer, now_s: float) -> int:
    """How many workers the queue has after a look at that time."""
    return balancer.look(now_s).sizes[WEBHOOKS.name]


def test_a_full_queue_gets_more_workers_one_at_a_time(redis: Redis) -> None:
    """Each cooldown one more, up to the most."""
    balancer = Balancer(redis, [GROUP], {WEBHOOKS.name: 2})
    redis.rpush(names.list_key(WEBHOOKS.name), *(f"job-{number}" for number in range(500)))

    sizes = [looked(balancer, step * COOLDOWN_S) for step in range(5)]

    assert sizes == [3, 4, 5, 5, 5]


def test_what_a_job_costs_is_more_than_its_run_time(redis: Redis) -> None:
    """Two workers that do ninety jobs of 3 ms in a second while sixty wait are at their end: they
    get help before the queue is long.
    """
    balancer = Balancer(redis, [GROUP], {WEBHOOKS.name: 2})
    waiting = names.list_key(WEBHOOKS.name)
    stats = names.stats_key(WEBHOOKS.name)
    redis.rpush(waiting, *(f"job-{number}" for number in range(3)))
    redis.hset(stats, mapping={"done": 1000, "runtime_ms": 3000})
    before = looked(balancer, 0.0)
    redis.rpush(waiting, *(f"more-{number}" for number in range(57)))
    redis.hset(stats, mapping={"done": 1090, "runtime_ms": 3270})

    after = looked(balancer, 1.0)

    assert (before, after) == (2, 3)


def test_an_emptied_queue_keeps_its_workers_for_a_while(redis: Redis) -> None:
    """What made it grow may come again at once: they go only after the calm, one by one."""
    balancer = Balancer(redis, [GROUP], {WEBHOOKS.name: 2})
    redis.rpush(names.list_key(WEBHOOKS.name), *(f"job-{number}" for number in range(500)))
    grown = [looked(balancer, step * COOLDOWN_S) for step in range(2)][-1]
    redis.delete(names.list_key(WEBHOOKS.name))

    calm_s = COOLDOWN_S + CALM_S

    assert grown == looked(balancer, 2 * COOLDOWN_S) == looked(balancer, calm_s - 0.1) == 4
    assert [looked(balancer, calm_s + step * COOLDOWN_S) for step in range(3)] == [3, 2, 2]
