"""The epic of a go-live as data: stories, their tasks, and what was put off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from golive.model.section import Section

Priority = Literal["critical", "important"]


@dataclass(frozen=True)
class Task(Section):
    """One piece of work. `findings` are those of a run that prove it done."""

    id: str
    title: str
    priority: Priority
    points: float
    estimate_minutes: int
    description: str
    file: str = ""
    depends_on: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story(Section):
    """Tasks with one purpose. `points` is what the story states, whatever its tasks sum up to."""

    id: str
    title: str
    priority: Priority
    points: float
    owner: str
    area: str
    description: str
    tasks: tuple[Task, ...]
    depends_on: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True)
class Later(Section):
    """An improvement that the go-live does not need."""

    id: str
    title: str
    points: float
    description: str


@dataclass(frozen=True)
class Epic(Section):
    """The whole: why, until when, and how it is known to be reached."""

    id: str
    title: str
    goal: str
    target_dates: tuple[str, ...]
    milestone: str
    priority: Priority
    criteria: tuple[str, ...]
    technical_metrics: tuple[str, ...]
    business_metrics: tuple[str, ...]
    stated_points: float
    later: tuple[Later, ...] = ()
    stories: tuple[Story, ...] = ()


def references(epic: Epic) -> Mapping[str, str]:
    """Everything that a checklist can stand for, by the name that its items use.

    `THR-101` is a task, `THR-200/1` a story's first criterion, `THR-602/1` a task's first check;
    those of the epic are `ID/1`, `ID/technical/1` and `ID/business/1`.
    """
    found = {
        **_numbered(epic.id, epic.criteria),
        **_numbered(f"{epic.id}/technical", epic.technical_metrics),
        **_numbered(f"{epic.id}/business", epic.business_metrics),
        **{later.id: later.title for later in epic.later},
    }
    for story in epic.stories:
        found |= _numbered(story.id, story.criteria)
        for task in story.tasks:
            found |= {task.id: task.title, **_numbered(task.id, task.checks)}
    return found


def owed(epic: Epic) -> frozenset[str]:
    """Those that have to be stood for: criteria, metrics, tasks, what was put off.

    A task's own checks are said by the task, but where its story is the go-live itself (the last
    story), each of them is a step.
    """
    checks = {
        f"{task.id}/{number}"
        for story in epic.stories[:-1]
        for task in story.tasks
        for number in range(1, len(task.checks) + 1)
    }
    return frozenset(references(epic).keys() - checks)


def _numbered(name: str, sentences: Sequence[str]) -> dict[str, str]:
    return {f"{name}/{number}": text for number, text in enumerate(sentences, start=1)}
