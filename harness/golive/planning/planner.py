"""Makes the plan of a run."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from golive.model.checklist import Item, Waiver
from golive.model.plan import Plan, Step
from golive.model.scenario import Scenario
from golive.model.settings import Selection
from golive.model.target import Target

ONLY_LOOKING = frozenset({"audit", "monitor"})
"""Suites that read and change nothing: they need no permission in `allow`."""

OF_A_WATCH = frozenset({"monitor"})
"""Suites that look again and again for hours: a run holds them only where they are named."""

MINUTE_SECONDS = 60
PAIR_SECONDS = 25
"""What two drills at once take, as measured on the reference deployment."""

CHECKLIST = "checklist"
"""Asked for like a suite: the lists that people work through, and what they rest on. One of them
alone is asked for like a scenario: `checklist.go_live`.
"""

REFUSED_IN_PRODUCTION = frozenset({"load", "chaos"})


@dataclass(frozen=True)
class Occasion:
    """What tells one run from another: its id, its start (UTC, ISO 8601), golive's version."""

    run: str
    started: str
    golive: str
    seed: str = ""


@dataclass(frozen=True)
class Entries:
    """What the catalog offers to a plan; `empty` names catalog folders that hold nothing;
    `pairs` are any two drills at once.
    """

    scenarios: Mapping[str, Scenario]
    items: Sequence[Item] = ()
    waivers: Sequence[Waiver] = ()
    empty: Sequence[str] = ()
    pairs: Mapping[str, Scenario] = field(default_factory=dict)


def make_plan(target: Target, entries: Entries, selection: Selection, occasion: Occasion) -> Plan:
    """Say what will run, what cannot and why. Touches nothing."""
    chosen = choose(entries, selection)
    ids = {scenario.id for scenario in chosen}
    return Plan(
        run=occasion.run,
        golive=occasion.golive,
        target=target.target.name,
        environment=target.target.environment,
        base_url=target.target.base_url,
        profile=selection.profile.value,
        started=occasion.started,
        capabilities=tuple(sorted(c.name.lower() for c in target.capabilities)),
        left_out=target.target.left_out,
        slo=target.slo,
        steps=tuple(_step(scenario, target, selection) for scenario in chosen),
        items=tuple(
            item
            for item in _asked(entries, selection)
            if item.is_step or ids.issuperset(item.findings)
        ),
        waivers=tuple(entries.waivers),
        gaps=gaps_of(entries, selection),
        seed=occasion.seed,
        workers=selection.workers,
        optional=tuple(sorted(_only_recommended(_asked(entries, selection)))),
    )


def choose(entries: Entries, selection: Selection) -> tuple[Scenario, ...]:
    """The scenarios that a selection asks for: in the checklists' order, the others after them."""
    if selection.game_day_minutes:
        return _game_day(entries, selection)
    listed = [name for item in entries.items if not item.is_step for name in item.findings]
    order = {name: place for place, name in reversed(list(enumerate(listed)))}
    needed = {name for one in _asked(entries, selection) if one.is_step for name in one.findings}
    chosen = [
        one
        for one in entries.scenarios.values()
        if _wanted(one, selection) or (one.id in needed and selection.profile.includes(one.profile))
    ]
    return tuple(sorted(chosen, key=lambda one: order.get(one.id, len(listed))))


def _game_day(entries: Entries, selection: Selection) -> tuple[Scenario, ...]:
    """Two drills at once, shuffled by the seed, for about as long as was asked."""

    def lot(scenario: Scenario) -> bytes:
        return hashlib.sha256(f"{selection.seed}/{scenario.id}".encode()).digest()

    wanted = [one for one in entries.pairs.values() if _wanted(one, selection)]
    count = max(1, round(selection.game_day_minutes * MINUTE_SECONDS / PAIR_SECONDS))
    return tuple(sorted(wanted, key=lot)[:count])


def gaps_of(entries: Entries, selection: Selection) -> tuple[str, ...]:
    """Why a run with this selection cannot be GO, whatever its findings say."""
    items = _asked(entries, selection)
    return (
        *_unfilled(entries, selection, choose(entries, selection)),
        *_unknown(items, entries.scenarios),
    )


def _asked(entries: Entries, selection: Selection) -> tuple[Item, ...]:
    """Items that a run has to do with: those of lists for people only where that was asked for."""
    everything = CHECKLIST in selection.suites
    return tuple(
        item
        for item in entries.items
        if not item.is_step or everything or f"{CHECKLIST}.{item.list}" in selection.scenarios
    )


def _wanted(scenario: Scenario, selection: Selection) -> bool:
    if scenario.id in selection.scenarios:
        return True
    unnamed = not selection.suites and not selection.scenarios and scenario.suite not in OF_A_WATCH
    about = (scenario.id, *scenario.radius)
    spoken_of = not selection.words or any(w in text for w in selection.words for text in about)
    named = (unnamed or scenario.suite in selection.suites) and spoken_of
    return named and selection.profile.includes(scenario.profile)


def _may_break(target: Target, selection: Selection) -> bool:
    """What runs on this machine alone may be broken; for anything else its name has to be said."""
    deployment = target.target
    return deployment.environment == "local" or selection.may_break == deployment.name


def _only_recommended(items: Sequence[Item]) -> set[str]:
    """Findings that items name, but no item requires; a finding without an item is required."""
    named = {name for item in items for name in item.findings}
    return named - {name for item in items for name in item.findings if item.level == "must"}


def _step(scenario: Scenario, target: Target, selection: Selection) -> Step:
    return Step(
        scenario=scenario.id,
        suite=scenario.suite,
        statement=scenario.statement,
        needs=tuple(sorted(need.name.lower() for need in scenario.needs)),
        deadline_seconds=scenario.deadline_seconds,
        remediation=scenario.remediation,
        blocked=tuple(_blocked(scenario, target, selection)),
        radius=scenario.radius,
    )


def _blocked(scenario: Scenario, target: Target, selection: Selection) -> Iterator[str]:
    deployment = target.target
    if deployment.environment == "production" and scenario.suite in REFUSED_IN_PRODUCTION:
        yield f"a production target refuses {scenario.suite}, whatever the flags"
    elif scenario.suite not in ONLY_LOOKING and scenario.suite not in deployment.allow:
        yield f"[target] allow does not name {scenario.suite!r}"
    elif scenario.radius and not _may_break(target, selection):
        yield f"it breaks things, and nobody said: --break {deployment.name}"
    for need in scenario.needs:
        if need not in target.capabilities:
            yield f"the target file has no [{need.value}]"
    for keys in scenario.requires:
        section = keys.partition(" or ")[0].rpartition(".")[0]
        # A missing section is one reason, not one for each of its keys.
        if not any(map(target.has, keys.split(" or "))) and (not section or target.has(section)):
            yield f"the target file does not say {keys}"


def _unfilled(
    entries: Entries, selection: Selection, chosen: tuple[Scenario, ...]
) -> Iterator[str]:
    for folder in entries.empty:
        yield f"the catalog {folder} holds no scenario, drill, item or exporter"
    suites = {scenario.suite for scenario in chosen}
    lists = {f"{CHECKLIST}.{item.list}" for item in _asked(entries, selection) if item.is_step}
    suites |= {CHECKLIST for _ in lists}
    for suite in selection.suites:
        if suite not in suites:
            yield f"the catalog has no scenario in the suite {suite!r} for this profile"
    for name in selection.scenarios:
        if name not in {scenario.id for scenario in chosen} | lists:
            yield f"the catalog has no scenario {name!r} in this selection"
    if not chosen and not lists:
        yield "nothing was run"


def _unknown(items: Sequence[Item], scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    for item in items:
        for name in item.findings:
            if name not in scenarios:
                yield f"item {item.id} rests on {name}, which the catalog does not have"
        if not (item.findings or item.command or item.signature):
            yield f"item {item.id} rests on nothing"
