"""What the commands print with: colours on a terminal, plain lines elsewhere, secrets never."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

from golive.config.secrets import redact
from golive.model.wording import visible

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "", *, style: str | None = None) -> None:
    """Print one line as it is (no markup), without secrets or control characters."""
    out.print(printable(text), style=style, markup=False)


def explain(text: str) -> None:
    """Print what went wrong on stderr."""
    err.print(f"[bold red]golive:[/] {escape(printable(text))}")


def say_json(document: Any) -> None:
    """Print one JSON document for a program."""
    sys.stdout.write(redact(json.dumps(document, indent=2)) + "\n")


def write(text: str) -> None:
    """Print a rendered document as it is."""
    sys.stdout.write(redact(text))


def printable(text: str) -> str:
    """The text without secrets, its control characters made visible (ANSI sequences cannot act)."""
    return visible(redact(text))
