"""How many workers each queue of a group gets. Pure: figures in, numbers out.

The measure is time: what waits, times what one costs a worker, over the workers at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CLEAR_GOAL_S = 0.25
"""A queue that its workers clear within this time gets no more of them.

Short: a queue of a hundred is too long already.
"""
EWMA_WEIGHT = 0.3

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Load:
    """What one queue has before it."""

    queue: str
    waiting: int
    cost_s: float

    def clear_s(self, workers: int) -> float:
        """Expected time until that many workers have cleared the queue."""
        return self.waiting * self.cost_s / max(1, workers)


def wanted_sizes(loads: Sequence[Load], least: int, most: int) -> dict[str, int]:
    """One worker for each queue, then one more for whichever takes longest, while it helps."""
    sizes = {load.queue: 1 for load in loads}
    while sum(sizes.values()) < most:
        neediest = max(loads, key=lambda load: load.clear_s(sizes[load.queue]))
        enough = neediest.clear_s(sizes[neediest.queue]) <= CLEAR_GOAL_S
        if enough and sum(sizes.values()) >= least:
            break
        sizes[neediest.queue] += 1
    return sizes


def next_sizes(current: Sizes, loads: Sequence[Load], least: int, most: int) -> dict[str, int]:
    """One step from the current numbers towards the wanted ones: one worker at most moves."""
    wanted = wanted_sizes(loads, least, most)
    sizes = {load.queue: current.get(load.queue, 1) for load in loads}
    short = [load for load in loads if sizes[load.queue] < wanted[load.queue]]
    over = [load for load in loads if sizes[load.queue] > wanted[load.queue]]
    if over and (not short or sum(sizes.values()) >= most):
        sizes[min(over, key=lambda load: load.clear_s(sizes[load.queue])).queue] -= 1
    if short and sum(sizes.values()) < most:
        sizes[max(short, key=lambda load: load.clear_s(sizes[load.queue])).queue] += 1
    return sizes


def smoothed(before_s: float, jobs: int, total_s: float) -> float:
    """The running mean of what a job costs after some more jobs; unchanged without any."""
    if jobs <= 0 or total_s < 0:
        return before_s
    weight = 1 - (1 - EWMA_WEIGHT) ** jobs
    return before_s + weight * (total_s / jobs - before_s)
