"""How commands of a target file are called: `FOLDER ROLE-OR-FAULT VERB`, a sentence back."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from golive.errors import GoliveError

ARGUMENTS = 3

Act = Callable[[Path, str, str], str | None]


def answer(act: Act, program: str, arguments: Sequence[str]) -> int:
    """Act, and say in a sentence what could not be done; the exit code."""
    if len(arguments) != ARGUMENTS:
        sys.stderr.write(f"python -m {program} FOLDER ROLE-OR-FAULT VERB\n")
        return GoliveError.exit_code
    folder, name, verb = arguments
    try:
        said = act(Path(folder), name, verb)
    except GoliveError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    if said is not None:
        sys.stdout.write(f"{said}\n")
    return 0
