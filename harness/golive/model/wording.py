"""How figures, times and foreign text are worded, the same in every format and on the terminal."""

import unicodedata
from datetime import UTC, datetime

from golive.model.finding import Finding
from golive.model.outcome import Outcome

MINUTE_SECONDS = 60.0
WORDS = {Outcome.FAIL: "failed", Outcome.INCONCLUSIVE: "inconclusive", Outcome.PASS: "passed"}
WAIVED = "waived"


def word_of(finding: Finding) -> str:
    """failed, inconclusive, passed, or waived whatever the outcome was."""
    return WAIVED if finding.waived else WORDS[finding.outcome]


def when(started: str) -> str:
    """A time of ISO 8601 as people read it, in UTC; other text stays as it is."""
    try:
        return f"{datetime.fromisoformat(started).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return started


def duration(seconds: float) -> str:
    """`0.184 s`, `4 min 3 s`, `2 h 5 min`."""
    if seconds < MINUTE_SECONDS:
        return f"{round(seconds, 3):.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def visible(text: str) -> str:
    """Characters that steer a terminal or the direction of writing are shown by their number."""
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character)[0] != "C"
        else f"[U+{ord(character):04X}]"
        for character in text
    )
