"""What the host of a virtual machine took of its processors while a load lasted."""

from bisect import bisect_right

from golive.model.load.records import STOLEN, Loaded, number

WINDOW_SECONDS = 5.0
MOST = 0.2
"""A target that needs half of a machine hardly feels a loss of less than this."""


def taken_by_the_host(loaded: Loaded) -> str:
    """That so much was taken that what came late proves nothing about the target (empty = it was
    less, or nothing tells).
    """
    looks = [(number(at), number(taken)) for what, at, taken in loaded.resources if what == STOLEN]
    times = [at for at, _ in looks]
    most, seconds = 0.0, 0.0
    for at, taken in looks:
        place = bisect_right(times, at - WINDOW_SECONDS) - 1
        if place >= 0:
            began, before = looks[place]
            share = (taken - before) / (at - began)
            most, seconds = max((most, seconds), (share, at - began))
    if most < MOST:
        return ""
    return f"the host of this machine took {most:.0%} of its processors for {seconds:.0f} s"
