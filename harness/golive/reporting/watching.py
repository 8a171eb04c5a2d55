"""Words and pictures of a watch."""

from collections.abc import Iterator, Mapping, Sequence

from golive.model.finding import Finding, Grade
from golive.model.monitoring.burn import Burn
from golive.model.monitoring.escalation import CLOSED, at
from golive.model.monitoring.incidents import Incident, Judged
from golive.model.monitoring.page import Pictured, Told, ToldIncident, WatchPage
from golive.model.monitoring.story import Story
from golive.model.monitoring.uptime import State
from golive.model.monitoring.wording import clock, minutes, span_of
from golive.model.outcome import Outcome
from golive.model.wording import duration
from golive.reporting.plotting import Line, Shade, grid, plot

OBJECTIVE = "objective"
UNITS = {"_ms": "ms", "_ratio": "%", "_percent": "%", "_seconds": "s", "_mb": "MB"}
LINES = 4
"""How many lines a plot has at most: there are so many colours."""


def watch_page(story: Story) -> WatchPage:
    """What a report shows of a watch."""
    order = story.history.order
    return WatchPage(
        headline=_headline(story),
        figures=tuple(_figures(story)),
        handover=tuple(_handover(story)),
        incidents=tuple(_incident(one, story) for one in story.incidents),
        outages=tuple(
            f"{span_of(one.begins_seconds, one.ends_seconds)}: {one.reason}"
            for one in story.uptime.outages
        ),
        missed=tuple(clock(one) for one in story.history.missed),
        maintenance=tuple(
            f"{span_of(one.begins_seconds, one.ends_seconds)}{f': {one.why}' if one.why else ''}"
            for one in order.maintenance
        ),
        burns=tuple(_burn(one) for one in story.burns),
        told=tuple(_told(story)),
        pictures=tuple(_pictures(story)),
    )


def _headline(story: Story) -> str:
    order = story.history.order
    due = len(order.schedule.due_seconds)
    pace = f", rehearsed {order.scale:g} times as fast" if order.scale != 1 else ""
    return f"{order.schedule.name}: {due} checks in {duration(order.schedule.seconds)}{pace}"


def _figures(story: Story) -> Iterator[tuple[str, str]]:
    seen, ratio = story.uptime, story.uptime.ratio
    outages = len(seen.outages)
    down = minutes(seen.seconds(State.DOWN))
    yield "Uptime", "unknown" if ratio is None else f"{ratio * 100:.2f} %"
    yield "Promised", f"{story.objective * 100:g} %"
    yield "Down", f"{down}, {outages} {'outage' if outages == 1 else 'outages'}"
    for state in (State.MAINTENANCE, State.UNWATCHED):
        if seconds := seen.seconds(state):
            yield state.capitalize(), minutes(seconds)
    total = minutes(story.budget.total_seconds)
    yield "Error budget left", f"{story.budget.left_ratio * 100:.1f} % of {total}"
    due, made = story.history.order.schedule.due_seconds, len(story.history.made)
    yield "Checks", f"{made} of {len(due)}"
    called = {one.number for one in story.judged if not one.is_scheduled}
    if called:
        yield "Called by probes", str(len(called))
    if restarts := len(story.history.sessions) - 1:
        yield "golive was started again", f"{restarts} times" if restarts > 1 else "once"


def _handover(story: Story) -> Iterator[str]:
    """What whoever takes over has to know, the most urgent first."""
    still = [one for one in story.incidents if one.ends_seconds is None]
    for one in still:
        yield f"Still wrong: {one.scenario}: {one.cause}. {one.remediation}"
    known = {one.scenario for one in still}
    left = [finding for finding in _failed_last(story) if finding.id not in known]
    for finding in left:
        yield f"Failed at the last check: {finding.id}: {finding.summary}. {finding.remediation}"
    if not still and not left:
        yield "Nothing is wrong any more that was found." if story.incidents else "No incident."
    for one in story.incidents:
        if one.ends_seconds is not None:
            verb = "Find the cause of" if one.is_critical else "Plan a fix for"
            yield f"{verb} incident {one.number} ({one.scenario}): {one.cause}."
    if missing := [*story.history.missed, *story.history.to_come]:
        yield f"{len(missing)} checks were not made: watch on, or look at that time in the logs."
    for channel in dict.fromkeys(one.channel for one in story.told if one.error):
        yield f"Mend the channel {channel}: a message did not arrive."


def _failed_last(story: Story) -> Iterator[Finding]:
    last = max((one.number for one in story.judged), default=0)
    for one in story.judged:
        if one.number == last and one.finding.outcome is Outcome.FAIL:
            yield one.finding


def _incident(one: Incident, story: Story) -> ToldIncident:
    order = story.history.order
    ends = one.ends_seconds
    until = ends if ends is not None else story.history.until_seconds
    return ToldIncident(
        number=one.number,
        severity=one.severity,
        scenario=one.scenario,
        begins=f"{clock(one.begins_seconds)}, {at(order, one.begins_seconds)}",
        ends="goes on" if ends is None else f"{clock(ends)}, {at(order, ends)}",
        length=minutes(until - one.begins_seconds),
        cause=one.cause,
        symptoms=one.symptoms,
        remediation=one.remediation,
        is_open=ends is None,
    )


def _burn(one: Burn) -> str:
    rates = [rate for rate in (one.long_rate, one.short_rate) if rate is not None]
    told = " and ".join(f"{rate:.3g}" for rate in rates) or "not watched"
    limit = f"the limit is {one.windows.rate:g} in both"
    aside = "" if one.is_filled else f"; {minutes(one.filled_seconds)} of the long one were watched"
    return f"over {one.windows.name}: {told} times the promised rate; {limit}{aside}"


def _told(story: Story) -> Iterator[Told]:
    for one in story.told:
        tries = "at once" if one.attempts <= 1 else f"at attempt {one.attempts}"
        yield Told(
            channel=one.channel,
            incident=one.incident,
            event="over" if one.event == CLOSED else one.event,
            when=f"{clock(one.at_seconds)}, {at(story.history.order, one.at_seconds)}",
            result=f"did not arrive: {one.error}" if one.error else f"arrived {tries}",
            arrived=not one.error,
        )


def _pictures(story: Story) -> Iterator[Pictured]:
    shades = tuple(_shades(story))
    seconds = story.history.order.schedule.seconds
    names = dict.fromkeys(one.finding.id for one in story.judged)
    by_name = {name: [one for one in story.judged if one.finding.id == name] for name in names}
    rows = [
        (str(place), [(one.at_seconds, _mark(one.finding)) for one in by_name[name]])
        for place, name in enumerate(names, start=1)
    ]
    if rows:
        legend = tuple((str(place), name) for place, name in enumerate(names, start=1))
        yield Pictured("All checks", "", legend, grid(rows, shades, seconds))
    for name, judged in by_name.items():
        yield from _picture(name, judged, shades, seconds)


def _picture(
    name: str, judged: Sequence[Judged], shades: Sequence[Shade], seconds: float
) -> Iterator[Pictured]:
    series: dict[str, list[tuple[float, float]]] = {}
    for one in judged:
        for figure, value in one.finding.measured.items():
            if not isinstance(value, str):
                series.setdefault(figure, []).append((one.at_seconds, float(value)))
    figures = _alike(series)
    if not figures:
        return
    suffix = _suffix(figures[0])
    factor = 100.0 if suffix == "_ratio" else 1.0
    lines = [
        Line(f"series-{place}", tuple((at, value * factor) for at, value in series[figure]))
        for place, figure in enumerate(figures, start=1)
    ]
    goals = series.get(f"{OBJECTIVE}{suffix}")
    goal = goals[-1][1] * factor if goals else None
    legend = tuple(
        (f"series-{place}", figure.removesuffix(suffix).replace("_", " "))
        for place, figure in enumerate(figures, start=1)
    )
    yield Pictured(name, UNITS.get(suffix, ""), legend, plot(lines, shades, seconds, goal))


def _alike(series: Mapping[str, object]) -> list[str]:
    """The first figure, and those that can be drawn over it: of its unit, or of its first word."""
    names = [name for name in series if not name.startswith(OBJECTIVE)]
    if not names:
        return []
    suffix, word = _suffix(names[0]), names[0].partition("_")[0]
    alike = [
        name
        for name in names
        if (_suffix(name) == suffix if suffix else name.partition("_")[0] == word)
    ]
    return alike[:LINES]


def _suffix(name: str) -> str:
    return next((suffix for suffix in UNITS if name.endswith(suffix)), "")


def _shades(story: Story) -> Iterator[Shade]:
    end = story.history.order.schedule.seconds
    for span in story.history.order.maintenance:
        yield Shade("maintenance", span.begins_seconds, span.ends_seconds)
    for stretch in story.uptime.stretches:
        if stretch.state is State.UNWATCHED:
            yield Shade("unwatched", stretch.begins_seconds, stretch.ends_seconds)
    for one in story.incidents:
        ends = one.ends_seconds if one.ends_seconds is not None else end
        yield Shade(one.severity, one.begins_seconds, ends)


def _mark(finding: Finding) -> str:
    if finding.grade is Grade.IDLE:
        return "idle"
    marks = {Outcome.PASS: "passed", Outcome.FAIL: "failed"}
    return marks.get(finding.outcome, "inconclusive")
