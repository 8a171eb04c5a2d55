"""What commands do first that show or use a deployment: heal what a killed golive left broken."""

from golive.adapters.faults.abandoned import heal_abandoned
from golive.cli.console import explain


def mend_abandoned() -> None:
    """Heal it, and say so on stderr."""
    heal_abandoned(explain)
