"""Incidents on hand-written checks."""

from golive.model.finding import Finding, Grade
from golive.model.monitoring.incidents import Incident, Judged, incidents
from golive.model.monitoring.overall import gaps, overall
from golive.model.monitoring.records import Checked, Kind, Span, WatchHistory, WatchOrder
from golive.model.monitoring.schedule import Phase, Schedule
from golive.model.outcome import Outcome

SCHEDULE = Schedule("", (Phase(hours=1, every_minutes=15),), "hour")
ORDER = WatchOrder(SCHEDULE, "2026-01-05T08:00:00+00:00")
WORDS = {
    ".": (Outcome.PASS, Grade.PLAIN),
    "F": (Outcome.FAIL, Grade.PLAIN),
    "C": (Outcome.FAIL, Grade.CRITICAL),
    "?": (Outcome.INCONCLUSIVE, Grade.PLAIN),
    "i": (Outcome.INCONCLUSIVE, Grade.IDLE),
}


def finding(name: str, letter: str) -> Finding:
    """A finding of a check."""
    outcome, grade = WORDS[letter]
    return Finding(
        name, "monitor", "", outcome, f"{name} {letter}", (), {}, "mend", 0.0, grade=grade
    )


def watched(**rows: str) -> list[Judged]:
    """A row of letters for each statement, a letter for each check, a quarter of an hour apart."""
    return [
        Judged(number, number * 900.0, is_scheduled=True, finding=finding(name, letter))
        for name, letters in rows.items()
        for number, letter in enumerate(letters, start=1)
    ]


def found(order: WatchOrder = ORDER, **rows: str) -> list[tuple[str, str, float, float | None]]:
    """Scenario, severity, begin and end of every incident, in checks."""

    def check(seconds: float | None) -> float | None:
        return None if seconds is None else seconds / 900

    return [
        (one.scenario, one.severity, one.begins_seconds / 900, check(one.ends_seconds))
        for one in incidents(watched(**rows), order)
    ]


def test_an_incident_begins_with_the_first_check_that_fails_and_ends_when_healthy() -> None:
    """Failing on and on is one incident; failing again later is another."""
    assert found(a="..FFF..F.") == [("a", "documented", 3, 6), ("a", "documented", 8, 9)]


def test_a_clean_watch_has_no_incident() -> None:
    """Nothing failed, so nothing is told."""
    assert found(a="....", b=".i.i") == []


def test_what_cannot_look_neither_opens_nor_closes() -> None:
    """An inconclusive check does not make an incident healthy."""
    assert found(a=".?F?.") == [("a", "documented", 3, 5)]


def test_other_failures_are_symptoms_of_the_critical_one() -> None:
    """One outage is one incident, however many statements it breaks; they open none after it."""
    judged = watched(a_up="..CC....", errors="..FFF...", budget="..CCFF..")

    [one] = incidents(judged, ORDER)

    assert (one.scenario, one.is_critical, one.ends_seconds) == ("a_up", True, 5 * 900)
    assert one.symptoms == ("budget: budget C", "errors: errors F")


def test_a_symptom_that_comes_back_after_it_was_healthy_is_an_incident() -> None:
    """What fails by itself later has a cause of its own."""
    assert found(up=".C....", errors=".FF.F.") == [
        ("up", "critical", 2, 3),
        ("errors", "documented", 5, 6),
    ]


def test_a_documented_incident_can_become_critical() -> None:
    """It stays one incident, and its severity is the worst that it had."""
    assert found(a=".FC.") == [("a", "critical", 2, 4)]


def test_what_is_critical_no_longer_is_no_critical_incident_any_more() -> None:
    """What is left of it opens no other one, but becoming critical again is another."""
    assert found(a=".CFFC.") == [("a", "critical", 2, 3), ("a", "critical", 5, 6)]


def test_what_is_left_of_an_outage_pages_nobody_again() -> None:
    """The budget burns on for a while after the service came back."""
    assert found(a="..C....", b="..CCFF.") == [("a", "critical", 3, 4)]
    assert found(a="..C.....", b="..CCFFC.") == [
        ("a", "critical", 3, 4),
        ("b", "critical", 7, 8),
    ]


def test_what_becomes_critical_when_an_outage_ends_is_no_symptom_of_it() -> None:
    """Payments that turn out to be lost when the service is back: somebody must be told."""
    assert found(up="..C..", losses="...C.") == [
        ("up", "critical", 3, 4),
        ("losses", "critical", 4, 5),
    ]


def test_what_stays_critical_long_after_an_outage_is_an_incident() -> None:
    """The burn of the budget is over by then; a forged notification that is taken is not."""
    assert found(up="..C.....", forged="..CCC...") == [("up", "critical", 3, 4)]
    assert found(up="..C.....", forged="..CCCCC.") == [
        ("up", "critical", 3, 4),
        ("forged", "critical", 6, 8),
    ]


def test_an_incident_that_goes_on_has_no_end() -> None:
    """At the end of the watch it is still open."""
    assert found(a="..F") == [("a", "documented", 3, None)]


def test_maintenance_opens_no_incident() -> None:
    """What fails in an announced time is expected; what still fails after it is not."""
    order = WatchOrder(SCHEDULE, ORDER.began, maintenance=(Span(1700, 3600),))

    assert found(order, a=".CC.") == []
    assert found(order, a=".CCC") == [("a", "critical", 4, None)]


def history(made: str, until: float = 3600.0, order: WatchOrder = ORDER) -> WatchHistory:
    """A watch whose checks were made where there is a letter other than a blank."""
    checks = tuple(
        Checked(number, Kind.DUE, number * 900.0, number * 900.0, None)  # type: ignore[arg-type]
        for number, letter in enumerate(made, start=1)
        if letter != " "
    )
    return WatchHistory(order, checks=checks, until_seconds=until)


def whole(letters: str) -> tuple[Outcome, str]:
    """What all checks together say."""
    blank = finding("a", "?")
    told = overall(watched(a=letters), history(letters), blank)
    return told.outcome, told.summary


def test_a_clean_watch_holds() -> None:
    """All checks held, but for those in which nothing happened."""
    assert whole(".i..")[0] is Outcome.PASS


def test_a_critical_incident_refutes_the_watch_though_it_is_over() -> None:
    """An hour of outage is not forgotten because the service came back."""
    assert whole(".C..")[0] is Outcome.FAIL


def test_a_documented_incident_that_is_over_refutes_nothing_but_is_told() -> None:
    """The sentence says that one check failed."""
    outcome, summary = whole(".F..")

    assert outcome is Outcome.PASS
    assert "1 failed" in summary


def test_what_fails_at_the_end_refutes_the_watch() -> None:
    """Nobody can take over what is broken, also where the last look could not look."""
    assert whole("...F")[0] is Outcome.FAIL
    assert whole("..F?")[0] is Outcome.FAIL


def test_blindness_is_never_green() -> None:
    """One check that could not look, or none that saw anything happen."""
    assert whole(".?..")[0] is Outcome.INCONCLUSIVE
    assert whole("iiii")[0] is Outcome.INCONCLUSIVE


def test_missed_checks_are_told_as_missed() -> None:
    """Each by its time, and never as passed."""
    assert list(gaps(history(".. ."), 0)) == ["1 of 4 checks were missed: +00:45"]


def test_a_watch_that_was_ended_early_says_so() -> None:
    """What it did not live to see is not missed, but not made."""
    assert list(gaps(history("..", until=1900), 0)) == [
        "the watch ended after 31 min 40 s: 2 of 4 checks were not made"
    ]


def test_time_that_nobody_watched_is_a_gap() -> None:
    """A restart in between is none."""
    assert list(gaps(history("...."), 60)) == []
    assert list(gaps(history("...."), 600)) == ["10 min 0 s were not watched"]


def test_the_first_day_has_38_checks() -> None:
    """Sixteen a quarter of an hour apart, sixteen at half an hour, six at two hours."""
    day = Schedule("", (Phase(4, 15), Phase(8, 30), Phase(12, 120)))

    assert len(day.due_seconds) == 38
    assert day.due_seconds[15:17] == (4 * 3600, 4.5 * 3600)
    assert day.seconds == 24 * 3600


def test_numbers_of_incidents_do_not_change_as_the_watch_goes_on() -> None:
    """Who was told of incident 1 is told of its end under the same number."""
    judged = watched(a=".FF.F", b="..F..")
    seen: dict[tuple[str, float], int] = {}
    for until in range(1, 6):
        part: tuple[Incident, ...] = incidents([x for x in judged if x.number <= until], ORDER)
        for one in part:
            key = (one.scenario, one.begins_seconds)
            assert seen.setdefault(key, one.number) == one.number
    assert sorted(seen.values()) == [1, 2, 3]
