"""What no tracker can say of the epic, and how the others say it, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from golive.model.ticket import Kind, Ticket, number


def common_losses(tickets: Sequence[Ticket], priorities: Mapping[str, str]) -> Iterator[str]:
    """Points that do not add up, owners without accounts, priorities by other names."""
    stories, tasks = _points(tickets, Kind.STORY), _points(tickets, Kind.TASK)
    if stories != tasks:
        yield (
            f"points: the tasks sum up to {number(tasks)}, their stories state {number(stories)}; "
            "both go out as they are"
        )
    yield "owners are roles, not accounts: they stand in the description, nobody is assigned"
    words = ", ".join(f"{ours} becomes {theirs}" for ours, theirs in priorities.items())
    yield f"priorities have other names: {words}"


def halves(tickets: Sequence[Ticket]) -> str:
    """Tickets whose points are no whole number, as `THR-302 0.5`."""
    return ", ".join(
        f"{one.key} {number(one.points)}"
        for one in tickets
        if one.points is not None and one.points % 1
    )


def _points(tickets: Sequence[Ticket], kind: Kind) -> float:
    return sum(one.points or 0 for one in tickets if one.kind is kind)
