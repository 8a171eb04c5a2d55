"""Makes the plan of a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.model.checklist import Item, Waiver
from golive.model.plan import Plan, Step
from golive.model.scenario import Scenario
from golive.model.settings import Selection
from golive.model.target import Target

ONLY_LOOKING = frozenset({"audit", "monitor"})
"""Suites that read and change nothing: they need no permission in `allow`."""

REFUSED_IN_PRODUCTION = frozenset({"load", "chaos"})


@dataclass(frozen=True)
class Occasion:
    """What tells one run from another: its id, its start (UTC, ISO 8601), golive's version."""

    run: str
    started: str
    golive: str


@dataclass(frozen=True)
class Entries:
    """What the catalog offers to a plan; `empty` names catalog folders that hold nothing."""

    scenarios: Mapping[str, Scenario]
    items: Sequence[Item] = ()
    waivers: Sequence[Waiver] = ()
    empty: Sequence[str] = ()


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
        steps=tuple(_step(scenario, target) for scenario in chosen),
        items=tuple(item for item in entries.items if ids.issuperset(item.findings)),
        waivers=tuple(entries.waivers),
        gaps=gaps_of(entries, selection),
        optional=tuple(sorted(_only_recommended(entries.items))),
    )


def choose(entries: Entries, selection: Selection) -> tuple[Scenario, ...]:
    """The scenarios that a selection asks for: in the checklists' order, the others after them."""
    listed = [name for item in entries.items for name in item.findings]
    order = {name: place for place, name in reversed(list(enumerate(listed)))}
    chosen = [one for one in entries.scenarios.values() if _wanted(one, selection)]
    return tuple(sorted(chosen, key=lambda one: order.get(one.id, len(listed))))


def gaps_of(entries: Entries, selection: Selection) -> tuple[str, ...]:
    """Why a run with this selection cannot be GO, whatever its findings say."""
    return (*_unfilled(entries, selection, choose(entries, selection)), *_unknown(entries))


def _wanted(scenario: Scenario, selection: Selection) -> bool:
    unnamed = not selection.suites and not selection.scenarios
    named = scenario.suite in selection.suites or scenario.id in selection.scenarios
    return (unnamed or named) and selection.profile.includes(scenario.profile)


def _only_recommended(items: Sequence[Item]) -> set[str]:
    """Findings that items name, but no item requires; a finding without an item is required."""
    named = {name for item in items for name in item.findings}
    return named - {name for item in items for name in item.findings if item.level == "must"}


def _step(scenario: Scenario, target: Target) -> Step:
    return Step(
        scenario=scenario.id,
        suite=scenario.suite,
        statement=scenario.statement,
        needs=tuple(sorted(need.name.lower() for need in scenario.needs)),
        deadline_seconds=scenario.deadline_seconds,
        remediation=scenario.remediation,
        blocked=tuple(_blocked(scenario, target)),
    )


def _blocked(scenario: Scenario, target: Target) -> Iterator[str]:
    deployment = target.target
    if deployment.environment == "production" and scenario.suite in REFUSED_IN_PRODUCTION:
        yield f"a production target refuses {scenario.suite}, whatever the flags"
    elif scenario.suite not in ONLY_LOOKING and scenario.suite not in deployment.allow:
        yield f"[target] allow does not name {scenario.suite!r}"
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
    for suite in selection.suites:
        if suite not in suites:
            yield f"the catalog has no scenario in the suite {suite!r} for this profile"
    for name in selection.scenarios:
        if name not in {scenario.id for scenario in chosen}:
            yield f"the catalog has no scenario {name!r} in this selection"
    if not chosen:
        yield "nothing was run"


def _unknown(entries: Entries) -> Iterator[str]:
    for item in entries.items:
        for name in item.findings:
            if name not in entries.scenarios:
                yield f"item {item.id} rests on {name}, which the catalog does not have"
        if not item.findings:
            yield f"item {item.id} rests on nothing"
