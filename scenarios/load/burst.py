"""Bursts with pauses between them."""

from golive.api import LoadPlan, hold, loads

burst = loads(
    LoadPlan(stages=(hold(5, 4), hold(150, 2)) * 5),
    statement="Bursts of 300 notifications within two seconds are answered within the SLO.",
    remediation="Acknowledge first, work later, and give the queue workers enough for its limit.",
)
