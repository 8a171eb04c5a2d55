"""What a finding's evidence looks like: pictures and tables, ready to be rendered by any exporter.

Places in a picture are per cent of its width from the left and of its height from the bottom, so
that it can be drawn at any size.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    """A place on an axis, or a limit, with what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Line:
    """A line; where nothing was measured it is broken into pieces. `tone` tells lines apart."""

    name: str
    tone: int
    pieces: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True)
class Band:
    """A part of the width."""

    left: float
    width: float
    text: str


@dataclass(frozen=True)
class Bar:
    """A bar that stands on the lower edge."""

    left: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """One picture. `told` says in words what it shows; limits lie across it, walls stand in it.

    `beyond` are limits that lie far above what is drawn.
    """

    title: str
    told: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    lines: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()
    bands: tuple[Band, ...] = ()
    limits: tuple[Tick, ...] = ()
    walls: tuple[Tick, ...] = ()
    beyond: tuple[str, ...] = ()
    large: bool = False


@dataclass(frozen=True)
class Table:
    """A table. A long one is folded, where it can be."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False


@dataclass(frozen=True)
class View:
    """What belongs to one finding."""

    finding: str
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
