"""Heals what the journal of a process names that has ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from golive.adapters.faults import journal
from golive.adapters.faults.commands import COMMAND_SECONDS
from golive.adapters.faults.journal import Broken, Entry
from golive.adapters.waiting import until
from golive.errors import ConfigurationError, HealError

OTHER_HEALER_SECONDS = 40.0
FRESH_SECONDS = 10.0
SETTLED_SECONDS = 1.0


@dataclass(frozen=True)
class Healed:
    """What came of a journal."""

    done: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def heal_for(path: Path, seconds: float, tell: Callable[[str], None]) -> bool:
    """Heal a journal whose owner has ended, again and again until all is healed or the time over;
    whether all is.
    """
    told: set[str] = set()

    def attempt() -> bool:
        healed = heal(path)
        lines = [f"healed: {one}" for one in healed.done] + list(healed.problems)
        for line in lines:
            if line not in told:
                told.add(line)
                tell(f"{path.name}: {line}")
        return not healed.problems

    return until(attempt, bool, within_seconds=seconds)


def heal_each(paths: tuple[Path, ...], tell: Callable[[str], None]) -> None:
    """Heal the journals whose owner is dead, and tell it; what cannot be healed is kept."""
    for path in paths:
        broken = journal.read(path)
        if broken is None:
            if path.exists():
                tell(f"{path} is no journal of faults; nobody knows what it should heal")
        elif not broken.owner.alive():
            _tell_of(heal(path), broken, path, tell)


def _tell_of(healed: Healed, broken: Broken, path: Path, tell: Callable[[str], None]) -> None:
    owner = f"golive (pid {broken.owner.pid}), which was killed"
    if healed.done:
        tell(f"healed what {owner}, left broken: {', '.join(healed.done)}")
    for problem in healed.problems:
        tell(f"left broken by {owner}: {problem}\nRemove {path} once you have healed it.")


def heal(path: Path) -> Healed:
    """Heal what a journal names, and strike that from it. One healer at a time."""

    def attempt() -> Healed | None:
        with journal.sole_healer(path) as sole:
            return _heal(path) if sole else None

    try:
        healed = until(attempt, lambda one: one is not None, within_seconds=OTHER_HEALER_SECONDS)
    except (OSError, ConfigurationError) as error:
        return Healed(problems=(f"{path}: {error}",))
    return healed or Healed(problems=("another process is still healing it",))


def _heal(path: Path) -> Healed:
    broken = journal.read(path)
    if broken is None:
        return Healed()
    latest_first = reversed(list(broken.entries))
    # A command that still breaks something keeps nothing else waiting.
    order = sorted(latest_first, key=lambda name: _is_breaking(broken.entries[name]))
    problems = {name: _problem(broken.entries[name]) for name in order}
    if time.time() - path.stat().st_mtime < FRESH_SECONDS:
        time.sleep(SETTLED_SECONDS)
        # What its owner asked for in its last moment may have come after our first look.
        again = [name for name, problem in problems.items() if not problem]
        problems |= {name: _problem(broken.entries[name]) for name in again}
    done = tuple(
        broken.entries[name].cure.what for name, problem in problems.items() if not problem
    )
    left = {name: entry for name, entry in broken.entries.items() if problems[name]}
    journal.save(path, Broken(broken.owner, left))
    return Healed(done, tuple(filter(None, problems.values())))


def _problem(entry: Entry) -> str:
    """Heal one thing, once the command that breaks it has ended; why it could not be."""
    until(lambda: not _is_breaking(entry), bool, within_seconds=COMMAND_SECONDS)
    try:
        entry.cure.heal(abandoned=True)
    except HealError as error:
        return str(error)
    return ""


def _is_breaking(entry: Entry) -> bool:
    return entry.blow is not None and entry.blow.alive()
