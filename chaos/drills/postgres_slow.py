"""S34: the line to the database is slow and in pieces."""

from golive.api import Demands, Drill, Injection

postgres_slow = Drill(
    statement="A slow line to the database delays effects and loses none.",
    code="S34",
    faults=(
        Injection(
            "latency",
            before="postgres",
            times=2,
            lasting_seconds=(1.5, 2.0),
            apart_seconds=(0.5, 1.0),
            options={"latency_ms": 100, "jitter_ms": 90},
        ),
        Injection(
            "slicer",
            before="postgres",
            times=2,
            lasting_seconds=(1.0, 1.5),
            apart_seconds=(1.0, 1.5),
        ),
    ),
    demands=Demands(recover_within_seconds=45.0),
    remediation="Keep transactions short, and time-outs above what a slow line needs.",
)
