"""Everything that this process has broken: its journal, its watchdog, and who shares a fault."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from golive.adapters.faults.journal import Cure, Journal
from golive.adapters.faults.tie import WatchdogTie
from golive.errors import HealError


@dataclass
class Injury:
    """One broken thing. Faults that overlap share it: the first breaks it, the last heals it."""

    name: str
    holders: int = 0
    lock: Lock = field(default_factory=Lock)


class Ward:
    """What a process has broken and not yet healed. All threads may use it."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self._tie = WatchdogTie(self.journal.path)
        self._injuries: dict[str, Injury] = {}
        self._lock = Lock()

    def injury(self, shared: str = "") -> Injury:
        """A new thing to break, or the one that everybody means by this word."""
        with self._lock:
            name = self.journal.mark()
            return self._injuries.setdefault(shared, Injury(name)) if shared else Injury(name)

    def note(self, injury: Injury, cure: Cure) -> None:
        """Before something is broken: write down what heals it, and have somebody watch over us."""
        self.journal.note(injury.name, cure)
        with self._lock:
            self._tie.fasten()

    def close(self) -> None:
        """Heal what is left, as far as it can be. Raises HealError."""
        problems = []
        try:
            for name, entry in reversed(list(self.journal.left().items())):
                try:
                    entry.cure.heal()
                    self.journal.strike(name)
                except HealError as error:
                    problems.append(str(error))
        finally:
            self._tie.loosen()
        if problems:
            raise HealError(
                "\n".join(problems), remedy=f"What is still broken is named in {self.journal.path}"
            )
