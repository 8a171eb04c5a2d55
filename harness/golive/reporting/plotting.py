"""Draws series over the time of a watch as SVG, which needs no script and no outside request.

Colours are classes of the page's style sheet; all text in a drawing is made of numbers and of
words of golive's own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 128.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 8.0, 8.0, 20.0
HOUR_SECONDS = 3600.0
TICKS = 6
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Line:
    """One series: points of time (seconds) and value; `mark` is its class."""

    mark: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shade:
    """A time that is shaded; `mark` is its class."""

    mark: str
    begins_seconds: float
    ends_seconds: float


@dataclass(frozen=True)
class Axes:
    """The range of a plot: time from 0, values from 0."""

    seconds: float
    top: float

    def x(self, seconds: float) -> float:
        """Where a time lies."""
        part = seconds / self.seconds if self.seconds else 0.0
        return round(LEFT + min(max(part, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        """Where a value lies."""
        part = value / self.top if self.top else 0.0
        return round(HEIGHT - BOTTOM - min(max(part, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM), 1)


def plot(
    lines: Sequence[Line],
    shades: Sequence[Shade],
    seconds: float,
    objective: float | None = None,
) -> str:
    """A plot of series over time, with its objective as a dashed line."""
    values = [value for line in lines for _, value in line.points]
    axes = Axes(seconds, nice_top(max([*values, objective or 0.0], default=0.0)))
    parts = [*_shaded(shades, axes, HEIGHT - BOTTOM), *_frame(axes)]
    if objective is not None:
        at = axes.y(objective)
        parts.append(f'<path class="objective" d="M{LEFT:g} {at:g}H{WIDTH - RIGHT:g}"></path>')
    parts += [_drawn(line, axes) for line in lines if line.points]
    return _svg(parts, HEIGHT)


def grid(
    rows: Sequence[tuple[str, Sequence[tuple[float, str]]]],
    shades: Sequence[Shade],
    seconds: float,
) -> str:
    """A row of dots for every name: a time, and the class of its dot."""
    pitch = 16.0
    height = TOP + pitch * len(rows) + BOTTOM
    axes = Axes(seconds, 1.0)
    parts = list(_shaded(shades, axes, height - BOTTOM))
    for place, (name, dots) in enumerate(rows):
        middle = TOP + pitch * (place + 0.5)
        parts.append(f'<text class="row" x="{LEFT - 6:g}" y="{middle + 4:g}">{name}</text>')
        parts += [
            f'<circle class="{mark}" cx="{axes.x(at):g}" cy="{middle:g}" r="3.5"></circle>'
            for at, mark in dots
        ]
    return _svg([*parts, *_hours(axes, height)], height)


def nice_top(value: float) -> float:
    """The next round number above a value."""
    if value <= 0:
        return 1.0
    unit = 1.0
    while unit * 10 <= value:
        unit *= 10
    while unit > value:
        unit /= 10
    return next(unit * step for step in STEPS if unit * step >= value * 0.9999)


def _svg(parts: Iterable[str], height: float) -> str:
    box = f"0 0 {WIDTH:g} {height:g}"
    return f'<svg class="plot" viewBox="{box}" role="img" aria-hidden="true">{"".join(parts)}</svg>'


def _shaded(shades: Sequence[Shade], axes: Axes, bottom: float) -> Iterator[str]:
    for one in shades:
        left = axes.x(one.begins_seconds)
        width = max(1.0, axes.x(one.ends_seconds) - left)
        yield (
            f'<rect class="shade-{one.mark}" x="{left:g}" y="{TOP:g}" width="{width:g}" '
            f'height="{bottom - TOP:g}"></rect>'
        )


def _frame(axes: Axes) -> Iterator[str]:
    for value in (0.0, axes.top / 2, axes.top):
        at = axes.y(value)
        yield f'<path class="line" d="M{LEFT:g} {at:g}H{WIDTH - RIGHT:g}"></path>'
        yield f'<text class="value" x="{LEFT - 6:g}" y="{at + 4:g}">{value:.4g}</text>'
    yield from _hours(axes, HEIGHT)


def _hours(axes: Axes, height: float) -> Iterator[str]:
    for number in range(TICKS + 1):
        at = axes.seconds * number / TICKS
        hours = at / HOUR_SECONDS
        text = f"{hours:g} h" if axes.seconds >= TICKS * HOUR_SECONDS else f"{at / 60:.0f} min"
        yield f'<text class="hour" x="{axes.x(at):g}" y="{height - 5:g}">{text}</text>'


def _drawn(line: Line, axes: Axes) -> str:
    points = [f"{axes.x(at):g} {axes.y(value):g}" for at, value in line.points]
    if len(points) == 1:
        x, y = points[0].split()
        return f'<circle class="dot {line.mark}" cx="{x}" cy="{y}" r="2"></circle>'
    return f'<path class="series {line.mark}" d="M{"L".join(points)}"></path>'
