"""S39: connections to the queue close late."""

from golive.api import Drill, Injection

connections_close_late = Drill(
    statement="Connections that close late neither leak nor lose anything.",
    code="S39",
    faults=(
        Injection(
            "slow_close",
            before="redis_queue",
            times=3,
            lasting_seconds=(1.0, 1.5),
            apart_seconds=(0.3, 0.6),
            options={"delay_ms": 800},
        ),
        Injection(
            "reset_peer",
            before="redis_queue",
            times=4,
            lasting_seconds=(0.2, 0.3),
            apart_seconds=(0.5, 1.0),
            options={"stream": "upstream"},
        ),
    ),
    remediation="Bound the number of connections, and drop the old ones.",
)
