"""What is written into an issue tracker: the epic as one list, parents before their children."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum

from golive.model.epic import Epic, Later, Story, Task

MARK = re.compile(r"golive ([A-Z][A-Z0-9-]*) ([0-9a-f]{8})\b")
"""Ends every exported description: by it a second export finds the ticket, whoever renamed it."""

OURS = ("priority:", "area:", "story-points:")
"""Labels that begin so are golive's to change; all others are left alone."""

PUT_OFF = "later"
"""The priority of what the go-live does not need."""


class Kind(StrEnum):
    """What a ticket was in the epic."""

    EPIC = "epic"
    STORY = "story"
    TASK = "task"
    LATER = "later"


@dataclass(frozen=True)
class Text:
    """A description before it is written in a tracker's markup."""

    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Ticket:
    """One entry of a tracker. `parent` and `blocked_by` are keys of other tickets."""

    key: str
    kind: Kind
    name: str
    text: Text
    priority: str
    points: float | None = None
    minutes: int = 0
    area: str = ""
    parent: str = ""
    blocked_by: tuple[str, ...] = ()
    milestone: str = ""
    due: str = ""
    findings: tuple[str, ...] = ()
    comment: str = ""
    """Says why it is done; empty while it is not."""

    @property
    def title(self) -> str:
        """As people see it: the key first, for that is what they quote."""
        return f"{self.key}: {self.name}"

    @property
    def done(self) -> bool:
        """Whether a run has proven it."""
        return bool(self.comment)

    @property
    def version(self) -> str:
        """Changes with everything that is written into the ticket itself."""
        content = replace(self, parent="", blocked_by=(), findings=(), comment="")
        return hashlib.sha256(repr(astuple(content)).encode()).hexdigest()[:8]

    @property
    def mark(self) -> str:
        """The line that ends its description."""
        return f"golive {self.key} {self.version}"

    def labels(self, colon: str = ":") -> tuple[str, ...]:
        """Priority and area."""
        area = (f"area{colon}{self.area}",) if self.area else ()
        return (f"priority{colon}{self.priority}", *area)


def read_mark(text: str) -> tuple[str, str] | None:
    """Key and version of an exported description; the last mark counts, for it is at the end."""
    found = MARK.findall(text)
    return found[-1] if found else None


def relabelled(held: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Labels after an update: what people added stays, what golive once set is renewed."""
    return tuple(dict.fromkeys([*(one for one in held if not one.startswith(OURS)), *wanted]))


def number(points: float) -> str:
    """`2`, `0.5`."""
    return f"{points:g}"


def tickets_of(epic: Epic) -> tuple[Ticket, ...]:
    """The epic as a list, parents before their children."""
    return tuple(_tickets(epic))


def blocks(tickets: Sequence[Ticket]) -> Mapping[str, tuple[str, ...]]:
    """The other direction of `blocked_by`: which tickets wait for each."""
    return {
        ticket.key: tuple(one.key for one in tickets if ticket.key in one.blocked_by)
        for ticket in tickets
    }


def _tickets(epic: Epic) -> Iterator[Ticket]:
    due = max(epic.target_dates, default="")
    yield replace(_whole(epic), milestone=epic.milestone, due=due)
    for story in epic.stories:
        yield replace(_story(story), parent=epic.id, milestone=epic.milestone, due=due)
    for story in epic.stories:
        for task in story.tasks:
            yield replace(_task(task, story), milestone=epic.milestone, due=due)
    for later in epic.later:
        yield _later(later)


def _whole(epic: Epic) -> Ticket:
    text = Text(
        epic.goal,
        (("Target dates", ", ".join(epic.target_dates)), ("Points", number(epic.stated_points))),
        (
            ("Success criteria", epic.criteria),
            ("Technical metrics", epic.technical_metrics),
            ("Business metrics", epic.business_metrics),
        ),
    )
    return Ticket(epic.id, Kind.EPIC, epic.title, text, epic.priority)


def _story(story: Story) -> Ticket:
    tasks = tuple(f"{task.id}: {task.title}" for task in story.tasks)
    facts = (("Owner", story.owner), ("Points", number(story.points)))
    text = Text(
        story.description, facts, (("Acceptance criteria", story.criteria), ("Tasks", tasks))
    )
    return Ticket(
        story.id,
        Kind.STORY,
        story.title,
        text,
        story.priority,
        points=story.points,
        area=story.area,
        blocked_by=story.depends_on,
    )


def _task(task: Task, story: Story) -> Ticket:
    facts = (
        ("File", task.file),
        ("Estimated time", _duration(task.estimate_minutes)),
        ("Points", number(task.points)),
        ("Story", f"{story.id}: {story.title}"),
        ("Owner", story.owner),
    )
    return Ticket(
        task.id,
        Kind.TASK,
        task.title,
        Text(task.description, facts, (("Checks", task.checks),)),
        task.priority,
        points=task.points,
        minutes=task.estimate_minutes,
        area=story.area,
        parent=story.id,
        blocked_by=task.depends_on,
        findings=task.findings,
    )


def _later(later: Later) -> Ticket:
    text = Text(later.description, (("Points", number(later.points)),))
    return Ticket(later.id, Kind.LATER, later.title, text, PUT_OFF, points=later.points)


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (hours and f"{hours} h", rest and f"{rest} min") if part)
