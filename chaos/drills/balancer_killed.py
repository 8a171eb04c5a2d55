"""S38: the balancer crashes."""

from golive.api import Drill, Injection

balancer_killed = Drill(
    statement="A crash of the balancer loses nothing.",
    code="S38",
    faults=(
        Injection(
            "kill", role="nginx", times=3, lasting_seconds=(0.5, 0.8), apart_seconds=(0.8, 1.2)
        ),
    ),
    remediation="Let the balancer be supervised, and let the provider deliver again.",
)
