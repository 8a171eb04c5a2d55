"""A shell script for GitHub's own `gh`: for those who want to read first what is done."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from golive.adapters.exporting.github_project import COLUMNS, SCRIPT_WORDS
from golive.adapters.exporting.markup import markdown
from golive.model.ticket import Ticket, number
from golive.model.tracker import Document

COLOURS = {"priority": "b60205", "area": "1d76db", "story-points": "c2e0c6", "": "ededed"}
END = "GOLIVE"

PROLOGUE, BOARD = (Path(__file__).with_name(name) for name in ("prologue.sh", "board.sh"))
"""REST and GraphQL: --parent, --blocked-by and `gh project` are those of the newest gh only."""


def github_labels(ticket: Ticket) -> tuple[str, ...]:
    """Priority, area and points, with a blank behind the colon."""
    points = () if ticket.points is None else (f"story-points: {number(ticket.points)}",)
    return (*ticket.labels(": "), *points)


def colour_of(label: str) -> str:
    """Labels of one kind have one colour."""
    return COLOURS.get(label.partition(":")[0], COLOURS[""])


def to_script(tickets: Sequence[Ticket]) -> Document:
    """The script for these tickets."""
    steps = (PROLOGUE.read_text("utf-8"), BOARD.read_text("utf-8"), *_words(), *_steps(tickets))
    return Document("github.sh", "\n".join(steps) + "\n")


def _words() -> Iterator[str]:
    """What the functions of the board ask, and the columns that it is to have."""
    yield from (f"{name}={_word(word)}" for name, word in SCRIPT_WORDS.items())
    columns = [
        {"name": name, "color": colour, "description": ""} for name, colour in COLUMNS.items()
    ]
    yield f"BOARD_COLUMNS={_word(json.dumps(columns))}"


def _steps(tickets: Sequence[Ticket]) -> Iterator[str]:
    for name in dict.fromkeys(label for ticket in tickets for label in github_labels(ticket)):
        yield f"label {_word(name)} {colour_of(name)}"
    for title, due in sorted({(one.milestone, one.due) for one in tickets if one.milestone}):
        yield f"milestone {_word(title)} {_word(f'{due}T00:00:00Z' if due else '')}"
    for ticket in tickets:
        yield _fed(f"issue {ticket.key} {ticket.version}", _content(ticket))
    yield from (f"nest {one.key} {one.parent}" for one in tickets if one.parent)
    yield from (f"block {one.key} {key}" for one in tickets for key in one.blocked_by)
    for ticket in (one for one in tickets if one.done):
        yield _fed(f"finish {ticket.key}", json.dumps({"body": ticket.comment}))
    yield "board"
    yield from (f"card {one.key}" for one in tickets)


def _fed(command: str, lines: str) -> str:
    return f"{command} <<'{END}'\n{lines}\n{END}"


def _content(ticket: Ticket) -> str:
    """Two lines of JSON: no line of a description can end the here-document."""
    content: dict[str, object] = {"title": ticket.title, "body": markdown(ticket)}
    milestone = {"milestone": "MILESTONE"} if ticket.milestone else {}
    labels = {"labels": list(github_labels(ticket))}
    return f"{json.dumps(content | milestone)}\n{json.dumps(labels)}"


def _word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
