"""S7: the power fails under the queue's Redis."""

from golive.api import Drill, Injection

redis_power_loss = Drill(
    statement="What was acknowledged survives a power cut under the queue.",
    code="S7",
    faults=(
        Injection(
            "command",
            command="redis_power_loss",
            lasting_seconds=(1.0, 1.0),
            apart_seconds=(2.0, 3.0),
        ),
    ),
    remediation="appendfsync always, or an inbox row in the database before the answer.",
)
