"""Pictures and tables of a load: they show what was measured, and nothing else."""

from dataclasses import replace
from itertools import pairwise

import pytest

from golive.model.load.records import Loaded
from golive.model.slo import Slo
from golive.model.view import Picture, Table, View
from golive.reporting.drawing import Limit, Series, Times, over_time
from golive.reporting.latencies import Latencies
from golive.reporting.scales import fitting, linear, logarithmic
from golive.reporting.views import views_of
from tests.unit.reporting.written import STALL, loaded, step_of

SLO = Slo()
TIMES = Times(20.0)


@pytest.fixture(scope="module")
def view() -> View:
    """What is shown of a load with one second in which everything was slow."""
    return next(views_of([step_of(loaded())], SLO))


def picture(view: View, words: str) -> Picture:
    """The picture whose title has these words."""
    return next(one for one in view.pictures if words in one.title)


def table(view: View, words: str) -> Table:
    """The table whose title has these words."""
    return next(one for one in view.tables if words in one.title)


def test_the_stall_is_the_peak_of_the_latency(view: View) -> None:
    """The highest point of p99 is in the second of the stall, above both limits."""
    drawn = picture(view, "Latency")
    at, height = max(drawn.lines[2].pieces[0], key=lambda point: point[1])

    assert at == pytest.approx(100 * (STALL + 0.5) / 20)
    assert all(height > limit.at for limit in drawn.limits)
    assert [limit.text for limit in drawn.limits] == ["p95 limit 100 ms", "p99 limit 200 ms"]
    assert [band.text for band in drawn.bands] == ["1", "2", "3"]
    assert [band.left for band in drawn.bands] == [0, 25, 75]
    assert "p99 up to" in drawn.told
    assert f"at {STALL}" in drawn.told


def test_every_point_lies_within_its_picture(view: View) -> None:
    """Nothing is drawn outside."""
    for one in view.pictures:
        points = [point for line in one.lines for piece in line.pieces for point in piece]
        assert points or one.bars, one.title
        assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in points), one.title
        assert all(0 <= bar.left <= 100 and 0 < bar.height <= 100 for bar in one.bars), one.title
        assert one.across, one.title
        assert one.up, one.title


def test_there_is_a_picture_for_whatever_was_seen(view: View) -> None:
    """Latency, its distribution, throughput, what went wrong, queue, and what was used."""
    assert [one.title for one in view.pictures] == [
        "Latency of each second, from when requests were due",
        "Requests by latency",
        "Requests a second",
        "Dropped, late and failed requests a second",
        "Jobs that wait",
        "Age of the oldest job",
        "Memory of the API",
        "Processor time of the API",
        "Taken by the host of this machine",
        "Memory of Redis",
        "Postgres connections",
    ]
    assert picture(view, "Processor").told.startswith("of one processor up to 20 %")
    assert picture(view, "Taken").told.startswith("of all processors up to 2 %")


def test_what_was_not_seen_is_not_drawn() -> None:
    """Without queue, resources and failures there are no empty pictures in their place, nor one of
    a host that took nothing.
    """
    blind = replace(loaded(), queue=(), queue_ages=(), memory=(), resources=(), seconds=())
    alone = replace(blind, resources=tuple(("stolen seconds", at, 7.0) for at in range(9)))

    assert not next(views_of([step_of(blind)], SLO)).pictures
    assert not next(views_of([step_of(alone)], SLO)).pictures


def test_the_distribution_holds_every_request() -> None:
    """Bins next to one another hold all that was answered."""
    seen = loaded()
    text = next(str(row[2]) for row in seen.histograms if row[:2] == ("all", "felt"))
    bins = Latencies(text).bins()

    assert sum(count for *_, count in bins) == 470
    for (_, high, _), (low, _, _) in pairwise(bins):
        assert high == low


def test_the_tables_say_what_was_measured(view: View) -> None:
    """A row for each stage and one for all; intervals; what is not judged says so."""
    requests, felt = table(view, "Requests"), table(view, "from when a request was due")

    assert [row[0] for row in requests.rows] == [
        "1 ramp 10 to 20/s (may be slow)",
        "2 hold 20/s",
        "3 hold 40/s",
        "all",
    ]
    assert requests.rows[2][3:6] == ("5 of 200", "5 of 200", "2 of 200")
    assert [row[-1] for row in felt.rows] == [
        "not judged",
        "no",
        "too few to tell by themselves",
        "not judged",
    ]
    assert " to " in felt.rows[1][2]
    assert len(table(view, "from when a request was sent").rows) == 4


def test_the_slowest_are_told_with_their_ids_and_the_time_of_day(view: View) -> None:
    """Twenty rows, all of the stall, by the clock that logs have."""
    slowest = table(view, "20 slowest")

    assert slowest.folded
    assert len(slowest.rows) == 20
    assert {row[0][:8] for row in slowest.rows} == {f"08:00:{STALL}"}
    assert {row[-1] for row in slowest.rows} <= {"request-1", "not told"}


def test_evidence_that_cannot_be_read_costs_no_report() -> None:
    """What somebody else has written under the same name is said, and nothing is drawn."""
    foreign = replace(loaded(), histograms=(("all", "felt", "nonsense"),))
    view = next(views_of([step_of(foreign)], SLO))

    assert not view.pictures
    assert view.notes[0].startswith("its evidence cannot be drawn")


def test_a_load_that_was_cut_short_says_why() -> None:
    """The reason stands above its pictures."""
    cut: Loaded = replace(loaded(), stopped="half of it failed")

    assert next(views_of([step_of(cut)], SLO)).notes == ("half of it failed",)


@pytest.mark.parametrize(
    "values, logarithmic_scale", [((5.0, 90.0), False), ((5.0, 100.0), True), ((0.0, 0.0), False)]
)
def test_the_scale_is_logarithmic_where_values_are_far_apart(
    values: tuple[float, ...], logarithmic_scale: bool
) -> None:
    """From twenty times on; nought has no place on it."""
    assert fitting(values).logarithmic is logarithmic_scale


@pytest.mark.parametrize("highest", [0.003, 0.7, 1, 3, 10, 99, 101, 4321, 1e7])
def test_a_scale_ends_at_a_round_value_with_few_ticks(highest: float) -> None:
    """All values lie on it, the highest in its upper half, and two to eight values are written."""
    for scale in (linear([highest]), logarithmic([highest / 50, highest])):
        ticks = scale.ticks("ms")
        assert scale.low <= highest <= scale.high
        assert scale.at(highest) >= 40
        assert 2 <= len(ticks) <= 8
        assert all(0 <= tick.at <= 100 for tick in ticks)


def test_a_gap_in_the_measurements_is_a_gap_in_the_line() -> None:
    """Where nothing was measured nothing is drawn, and no line bridges it."""
    series = Series("one", [(1.0, 2.0), (2.0, None), (3.0, 4.0), (4.0, 4.0)])
    drawn = over_time("x", [series], TIMES)

    assert [len(piece) for piece in drawn.lines[0].pieces] == [1, 2]


def test_of_very_many_points_the_worst_stay() -> None:
    """An hour of seconds is thinned, and its one bad second is still the highest point."""
    series = Series("one", [(float(at), 900.0 if at == 1801 else 1.0) for at in range(3600)])
    drawn = over_time("x", [series], Times(3600.0))
    points = drawn.lines[0].pieces[0]

    assert len(points) <= 240
    assert max(points, key=lambda point: point[1]) == (pytest.approx(50.03, abs=0.01), 90.0)
    assert drawn.across[-1].text == "60 min"


def test_a_limit_that_is_far_away_is_named_and_does_not_flatten_the_line() -> None:
    """Three jobs under a limit of a hundred fill their picture."""
    series = Series("jobs", [(1.0, 3.0)])
    drawn = over_time("x", [series], TIMES, limits=[Limit("limit", 100)])

    assert drawn.beyond == ("limit 100",)
    assert not drawn.limits
    assert drawn.lines[0].pieces[0][0][1] >= 50
