"""Who is taken for dead: pure looks."""

from hypothesis import given
from hypothesis import strategies as st

from reference_app.queueing.silence import MAX_GAP_S, Silence

LIMIT_S = 8.0


def test_who_says_the_same_for_the_limit_is_silent() -> None:
    """Not a moment before, and not whoever says something new."""
    silence = Silence(LIMIT_S)
    for second in range(8):
        assert not silence.look(second, {"dead": "1", "alive": str(second)})
    assert silence.look(8, {"dead": "1", "alive": "8"}) == {"dead"}


def test_an_outage_is_nobodys_silence() -> None:
    """After a break in the looks everybody gets the whole limit again."""
    silence = Silence(LIMIT_S)
    silence.look(0, {"worker": "1"})
    assert not silence.look(60, {"worker": "1"})
    for second in range(61, 68):
        assert not silence.look(second, {"worker": "1"})
    assert silence.look(68, {"worker": "1"}) == {"worker"}


@given(st.lists(st.tuples(st.floats(0.1, 20), st.integers(0, 2)), max_size=40))
def test_nobody_is_silent_without_looks_that_say_so(looks: list[tuple[float, int]]) -> None:
    """Silent is only who said the same in unbroken looks over the whole limit."""
    silence, now, since, said = Silence(LIMIT_S), 0.0, 0.0, -1
    for pause, says in looks:
        before, now = now, now + pause
        if says != said or now - before > MAX_GAP_S:
            said, since = says, now
        assert bool(silence.look(now, {"one": says})) == (now - since >= LIMIT_S)
