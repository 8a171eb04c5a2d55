"""What the commands print with: colours on a terminal, plain lines elsewhere, secrets never."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

from golive.config.secrets import printable, redact
from golive.model.redaction import redacted

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
    sys.stdout.write(json.dumps(redacted(document, redact), indent=2, default=str) + "\n")


def write(text: str) -> None:
    """Print a file of a run folder as it is: it holds no secret."""
    sys.stdout.write(text)
