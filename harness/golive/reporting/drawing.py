"""Draws: series of figures become pictures. There is one way to draw lines, and one for bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from golive.model.view import Band, Bar, Line, Picture, Point, Tick
from golive.reporting.scales import Scale, fitting, linear, logarithmic, seconds_axis, short

MOST_POINTS = 240
NEAR_LIMIT = 3.0
"""A limit up to so many times what was measured is drawn; a higher one is only named."""

LEAST_COUNT = 0.7
"""Where a logarithmic axis of counts begins, so that a count of one can be seen."""


@dataclass(frozen=True)
class Series:
    """Values over time, None where there was nothing to measure."""

    name: str
    points: Sequence[tuple[float, float | None]]

    @property
    def values(self) -> list[float]:
        """Those that there are."""
        return [value for _, value in self.points if value is not None]


@dataclass(frozen=True)
class Limit:
    """A value that must not be reached."""

    name: str
    value: float


@dataclass(frozen=True)
class Times:
    """What all pictures over time share: how long it is, and its parts, by when they begin."""

    seconds: float
    parts: tuple[tuple[float, float, str], ...] = ()

    def bands(self) -> tuple[Band, ...]:
        """The parts as bands."""
        scale, _ = seconds_axis(self.seconds)
        return tuple(
            Band(scale.at(began), round(scale.at(began + seconds) - scale.at(began), 2), text)
            for began, seconds, text in self.parts
        )


def over_time(  # noqa: PLR0913 - what makes a picture
    title: str,
    series: Sequence[Series],
    times: Times,
    *,
    unit: str = "",
    limits: Sequence[Limit] = (),
    large: bool = False,
    may_be_logarithmic: bool = False,
) -> Picture:
    """Lines over the time from the start."""
    time, across = seconds_axis(times.seconds)
    values = [value for one in series for value in one.values]
    scale, drawn = _scale(values, limits, may_be_logarithmic=may_be_logarithmic)
    return Picture(
        title=title,
        told=_told(series, unit),
        across=across,
        up=scale.ticks(unit),
        lines=tuple(
            Line(one.name, tone, _pieces(_thinned(one.points), time, scale))
            for tone, one in enumerate(series, start=1)
        ),
        bands=times.bands(),
        limits=tuple(Tick(scale.at(one.value), _named(one, unit)) for one in drawn),
        beyond=tuple(_named(one, unit) for one in limits if one not in drawn),
        large=large,
    )


def distribution(
    title: str, bins: Sequence[tuple[float, float, int]], *, unit: str, limits: Sequence[Limit]
) -> Picture:
    """How often values are: bins from, to, and how many are in it; both axes may be logarithmic."""
    edges = [edge for low, high, _ in bins for edge in (low, high)]
    across = logarithmic([*edges, *(one.value for one in limits)])
    counts = [float(count) for *_, count in bins]
    up = fitting(counts)
    if up.logarithmic:
        up = Scale(LEAST_COUNT, up.high, logarithmic=True)
    most = max(bins, key=lambda one: one[2])
    return Picture(
        title=title,
        told=f"most lie between {most[0]:.3g} and {most[1]:.3g} {unit}",
        across=across.ticks(unit),
        up=up.ticks(),
        bars=tuple(
            Bar(across.at(low), round(across.at(high) - across.at(low), 2), up.at(count))
            for low, high, count in bins
            if count
        ),
        walls=tuple(Tick(across.at(one.value), _named(one, unit)) for one in limits),
    )


def _scale(
    values: Sequence[float], limits: Sequence[Limit], *, may_be_logarithmic: bool
) -> tuple[Scale, list[Limit]]:
    """The scale, and the limits that are drawn on it."""
    if may_be_logarithmic:
        scale = fitting([*values, *(one.value for one in limits)])
        if scale.logarithmic:
            return scale, list(limits)
    largest = max(values, default=0.0)
    near = [one for one in limits if one.value <= NEAR_LIMIT * largest]
    return linear([*values, *(one.value for one in near)]), near


def _named(limit: Limit, unit: str) -> str:
    return f"{limit.name} {short(limit.value)} {unit}".rstrip()


def _pieces(
    points: Sequence[tuple[float, float | None]], time: Scale, scale: Scale
) -> tuple[tuple[Point, ...], ...]:
    pieces: list[list[Point]] = [[]]
    for at, value in points:
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((time.at(at), scale.at(value)))
    return tuple(tuple(piece) for piece in pieces if piece)


def _thinned(points: Sequence[tuple[float, float | None]]) -> Sequence[tuple[float, float | None]]:
    """Of very many points the highest of each few: what is bad must stay in sight."""
    few = ceil(len(points) / MOST_POINTS)
    groups = [points[first : first + few] for first in range(0, len(points), max(1, few))]
    return [max(group, key=lambda one: -1.0 if one[1] is None else one[1]) for group in groups]


def _told(series: Sequence[Series], unit: str) -> str:
    words = []
    for one in series:
        if values := one.values:
            highest = max(values)
            at = next(at for at, value in one.points if value == highest)
            words.append(f"{one.name} up to {highest:.4g} {unit}".rstrip() + f" at {at:.0f} s")
    return "; ".join(words)
