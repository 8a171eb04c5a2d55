"""Outages cost less than was promised."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Burn,
    Capability,
    Gate,
    Probed,
    Ruling,
    Slo,
    budget_of,
    burns,
    critical,
    failed,
    inconclusive,
    passed,
    probed,
    scenario,
    uptime_of,
)


def burns_slowly(seen: Sequence[Probed], slo: Slo) -> Ruling:
    """No pair of windows burns; gone, and 14.4 times too fast, are critical."""
    whole = uptime_of(seen)
    left = budget_of(whole, slo.error_budget)
    found = burns(whole, slo.error_budget, seen[-1].at_seconds)
    if whole.ratio is None:
        return inconclusive("no time was watched yet")
    names = ("burn_hour", "burn_quarter_day", "burn_three_days")
    figures = {name: one.long_rate or 0.0 for name, one in zip(names, found, strict=True)}
    figures["left_ratio"] = round(left.left_ratio, 6)
    aside = _unfilled(found)
    if left.left_ratio <= 0:
        return critical(f"the budget is gone: {_spent(left.spent_seconds)}{aside}", **figures)
    burning = [one for one in found if one.is_burning]
    if burning:
        told = "; ".join(
            f"{one.long_rate:.3g} and {one.short_rate:.3g} times too fast over "
            f"{one.windows.name}, the limit is {one.windows.rate:g}"
            for one in burning
        )
        rule = critical if any(one.windows.is_critical for one in burning) else failed
        return rule(f"the budget burns {told}{aside}", **figures)
    return passed(f"{left.left_ratio:.1%} of the budget is left{aside}", **figures)


def _spent(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes of outage"


def _unfilled(found: Sequence[Burn]) -> str:
    names = [one.windows.name for one in found if not one.is_filled]
    return f" (not filled yet: {', '.join(names)})" if names else ""


@scenario(
    needs=[Capability.HTTP],
    evidence=Probed,
    check=burns_slowly,
    remediation="Stop further changes; while it burns 14 times too fast, take the release back.",
)
def budget(gate: Gate) -> Iterator[Probed]:
    """The error budget burns no faster than its windows allow."""
    yield from probed(gate)
