"""Bursts with pauses between them."""

from golive.api import LoadPlan, hold, loads

burst = loads(
    LoadPlan(stages=(hold(5, 4), hold(150, 2)) * 5),
    statement="Bursts of 300 notifications within two seconds are answered within the SLO.",
    remediation="Acknowledge first, work later: bursts must wait in the queue, not in requests.",
)
