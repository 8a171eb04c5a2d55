"""S33: the line to the queue is slow and uneven."""

from golive.api import Demands, Drill, Injection

redis_slow = Drill(
    statement="A slow line to the queue loses nothing.",
    code="S33",
    faults=(
        Injection(
            "latency",
            before="redis_queue",
            times=2,
            lasting_seconds=(1.5, 2.0),
            apart_seconds=(0.5, 1.0),
            options={"latency_ms": 150, "jitter_ms": 140},
        ),
        Injection(
            "bandwidth",
            before="redis_queue",
            lasting_seconds=(2.0, 2.0),
            apart_seconds=(1.0, 1.0),
            options={"rate_kb_per_second": 40, "stream": "upstream"},
        ),
    ),
    demands=Demands(recover_within_seconds=45.0),
    remediation="Bound every wait for the queue, and answer 503 when it is over.",
)
