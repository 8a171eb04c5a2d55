"""What one run was asked to do, after flags, environment and defaults were put together."""

from dataclasses import dataclass, field
from pathlib import Path

from golive.model.profile import Profile


def words_of(text: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


@dataclass(frozen=True)
class Selection:
    """Which scenarios are wanted. Empty `suites` and `scenarios` mean all of them."""

    profile: Profile = Profile.QUICK
    suites: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Where given, only scenarios whose id or blast radius holds one of them."""
    seed: str = ""
    """Repeats the faults of an earlier run; drawn where empty."""
    workers: int = 1
    """How many processes make load."""
    may_break: str = ""
    """The name of the target that may be broken, said by a person."""
    game_day_minutes: float = 0.0
    """Instead of single drills: all of them shuffled, two at once, for so long."""

    @classmethod
    def of(cls, profile: Profile, only: str) -> "Selection":
        """The selection of `--only`: comma-separated suites, and scenarios (they have a dot)."""
        words = words_of(only)
        return cls(
            profile=profile,
            suites=tuple(word for word in words if "." not in word),
            scenarios=tuple(word for word in words if "." in word),
        )


@dataclass(frozen=True)
class Settings:
    """A run's settings: the target file, what is wanted, further catalogs, where runs are kept."""

    target_file: Path
    selection: Selection = Selection()
    catalogs: tuple[Path, ...] = ()
    out: Path = field(default_factory=lambda: Path("runs"))
    lists: Path = field(default_factory=lambda: Path("go-live"))
    """Where the logbooks of checklists are kept."""
