"""Refuses migrations that the version before could not go on with, or that lock others out for
long. Squawk knows which those are; a statement it may pass is told so by a comment in the SQL.
"""

import json
import subprocess
import sys
from pathlib import Path

from golive.errors import StepFailedError

PROGRAM = "squawk"
TIMEOUT_SECONDS = 60
STYLE = (
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    # Whoever migrates sets them for all statements, outside of the SQL that is printed.
    "require-lock-timeout",
    "require-statement-timeout",
)
"""Rules about taste, and about what is not in the SQL."""


def require_compatible(sql: str) -> str:
    """What was looked at. Raises StepFailedError with each statement that is refused, and why."""
    if not sql.strip():
        return "no migrations"
    found = _complaints(sql)
    if found:
        raise StepFailedError("\n".join(("the migrations are refused:", *found)))
    return f"{len(sql.splitlines())} lines of migrations let the version before go on"


def _complaints(sql: str) -> list[str]:
    program = Path(sys.executable).with_name(PROGRAM)
    try:
        ran = subprocess.run(
            [program, "--reporter", "json", f"--exclude={','.join(STYLE)}"],
            input=sql,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        complaints = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise StepFailedError(f"{program} could not look at the migrations: {error}") from error
    lines = sql.splitlines()
    return [
        f"  {one['rule_name']}: {lines[one['line']].strip()}: {one['message']}"
        for one in complaints
    ]
