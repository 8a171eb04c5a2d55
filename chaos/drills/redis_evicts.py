"""S8: memory of the queue runs out while jobs pile up."""

from golive.api import Drill, Injection, Workload

redis_evicts = Drill(
    statement="Jobs that pile up until the memory of the queue is used up are not forgotten.",
    code="S8",
    faults=(
        Injection(
            "command", command="redis_memory", lasting_seconds=(4.0, 4.0), apart_seconds=(0.3, 0.3)
        ),
        Injection(
            "pause", role="worker_node", lasting_seconds=(4.5, 4.5), apart_seconds=(0.1, 0.1)
        ),
    ),
    workload=Workload(notifications=600, per_second=100.0),
    remediation="Set maxmemory-policy noeviction on the queue's Redis, and keep the cache in "
    "another one.",
)
