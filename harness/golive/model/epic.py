"""The epic of a go-live as data: stories, their tasks, and what was put off."""

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
