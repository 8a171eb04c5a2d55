"""S26: every node is restarted, one after the other."""

from golive.api import Demands, Drill, Injection

rolling_restart = Drill(
    statement="A rolling restart under load loses nothing.",
    code="S26",
    faults=(
        Injection("terminate", role="api_1", lasting_seconds=(1.0, 1.0), apart_seconds=(0.5, 0.7)),
        Injection("terminate", role="api_2", lasting_seconds=(1.0, 1.0), apart_seconds=(2.5, 2.7)),
        Injection(
            "terminate",
            role="work_horse",
            times=2,
            lasting_seconds=(0.5, 0.5),
            apart_seconds=(0.3, 0.5),
        ),
        Injection("terminate", role="worker", lasting_seconds=(1.5, 1.5), apart_seconds=(4.0, 4.5)),
    ),
    demands=Demands(recover_within_seconds=45.0),
    remediation="Stop taking requests, finish those under way, put unfinished jobs back, then "
    "exit.",
)
