"""Plans, made of hand-written targets and scenarios."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from golive.api import Capability, Gate, Profile, Ruling, Scenario, Slo, passed, scenario
from golive.model.checklist import Item
from golive.model.plan import Plan
from golive.model.settings import Selection
from golive.model.target import Observe, ObserveSql, Target, TargetSection, Webhook
from golive.planning.planner import Entries, Occasion, make_plan

OCCASION = Occasion(run="r", started="2026-01-05T08:00:00+00:00", golive="0")


@dataclass(frozen=True)
class Nothing:
    """Evidence of scenarios that are never driven here."""


def fine(_seen: Sequence[Nothing], _slo: Slo) -> Ruling:
    """A check that is never asked here."""
    return passed("fine")


def entry(
    identifier: str,
    *needs: Capability,
    requires: Sequence[str] = (),
    profile: Profile = Profile.QUICK,
    radius: tuple[str, ...] = (),
) -> Scenario:
    """A scenario as the catalog gives it."""

    @scenario(
        needs=needs,
        requires=requires,
        profile=profile,
        evidence=Nothing,
        check=fine,
        remediation="",
    )
    def drive(_gate: Gate) -> Iterator[Nothing]:
        """It holds."""
        yield Nothing()

    suite = identifier.partition(".")[0]
    return Scenario(**{**vars(drive), "id": identifier, "suite": suite, "radius": radius})


def target(
    environment: str = "local", allow: Sequence[str] = ("smoke",), **sections: object
) -> Target:
    """A target with the given sections."""
    about = TargetSection("t", "http://t", environment, tuple(allow))
    return Target(target=about, **sections)


def plan(
    entries: Sequence[Scenario],
    selection: Selection | None = None,
    about: Target | None = None,
    items: Sequence[Item] = (),
) -> Plan:
    """The plan for these entries."""
    offered = Entries({one.id: one for one in entries}, items)
    return make_plan(about or target(), offered, selection or Selection(), OCCASION)


def test_what_the_target_can_do_is_planned() -> None:
    """A scenario whose needs are met is a step without a reason against it."""
    (step,) = plan([entry("smoke.a", Capability.HTTP)]).steps

    assert (step.scenario, step.blocked) == ("smoke.a", ())
    assert step.statement == "It holds."


def test_a_missing_section_blocks_with_its_name() -> None:
    """The reason names the section that the target file lacks."""
    (step,) = plan([entry("smoke.a", Capability.HTTP, Capability.SQL)]).steps

    assert step.blocked == ("the target file has no [observe.sql]",)


def test_a_missing_key_blocks_with_its_name() -> None:
    """A section that lacks one query blocks only what asks that query."""
    about = target(observe=Observe(sql=ObserveSql(dsn_env="DSN", effects="select 1")))
    entries = [
        entry("smoke.a", Capability.SQL, requires=["observe.sql.effects"]),
        entry("smoke.b", Capability.SQL, requires=["observe.sql.debtors"]),
    ]

    steps = plan(entries, about=about).steps

    assert [step.blocked for step in steps] == [
        (),
        ("the target file does not say observe.sql.debtors",),
    ]


def test_one_of_two_keys_is_enough() -> None:
    """A scenario that asks for either of two keys runs with one, and names both where it lacks."""
    either = ["observe.sql.effects or observe.sql.state"]
    entries = [entry("smoke.a", Capability.SQL, requires=either)]
    one = target(observe=Observe(sql=ObserveSql(dsn_env="DSN", state="select 1")))
    none = target(observe=Observe(sql=ObserveSql(dsn_env="DSN")))

    assert plan(entries, about=one).steps[0].blocked == ()
    assert plan(entries, about=none).steps[0].blocked == (
        "the target file does not say observe.sql.effects or observe.sql.state",
    )


STEP = Item("s", "w", ("load.a",), id="l.1", section="integration", signature="QA")


def test_a_list_for_people_changes_no_other_run() -> None:
    """Neither order nor what is required, and its items are not in the plan."""
    entries = [entry("smoke.a"), entry("load.a")]
    should = Item("s", "w", ("load.a",), level="should", id="l.2", section="smoke")

    assert plan(entries, items=[STEP, should]) == plan(entries)


@pytest.mark.parametrize("only", ["checklist", "checklist.l"])
def test_a_list_is_asked_for_like_a_suite(only: str) -> None:
    """What it rests on is run, and its items are judged; a list of another name is not there."""
    made = plan(
        [entry("smoke.a"), entry("load.a")], Selection.of(Profile.QUICK, only), items=[STEP]
    )

    assert [step.scenario for step in made.steps] == ["load.a"]
    assert made.items == (STEP,)
    assert made.gaps == ()


@pytest.mark.parametrize("only", ["checklist", "checklist.other"])
def test_a_list_that_is_not_there_is_a_gap(only: str) -> None:
    """Asked for and absent is never GO."""
    items = [STEP] if only == "checklist.other" else []

    assert plan([entry("smoke.a")], Selection.of(Profile.QUICK, only), items=items).gaps


def test_a_list_keeps_to_the_profile() -> None:
    """What is too long for it stays unproven, and its item is there to say so."""
    long = entry("load.a", profile=Profile.FULL)
    made = plan([long], Selection.of(Profile.QUICK, "checklist"), items=[STEP])

    assert (made.steps, made.items) == ((), (STEP,))


def test_an_item_without_findings_is_a_gap() -> None:
    """A sentence that nothing can prove keeps a run from being GO."""
    made = plan([entry("smoke.a")], items=[Item("s", "w", (), id="l.1")])

    assert made.gaps == ("item l.1 rests on nothing",)


def test_a_suite_that_is_not_allowed_is_blocked() -> None:
    """What a target does not allow is not done to it."""
    (step,) = plan([entry("contract.a")]).steps

    assert step.blocked == ("[target] allow does not name 'contract'",)


def test_an_audit_needs_no_permission() -> None:
    """Suites that only look run without being named in `allow`."""
    assert plan([entry("audit.a")]).steps[0].blocked == ()


@pytest.mark.parametrize("suite", ["load", "chaos"])
def test_production_refuses_load_and_faults_whatever_is_allowed(suite: str) -> None:
    """No entry in `allow` overrides the environment."""
    about = target("production", allow=["smoke", "load", "chaos"])

    (step,) = plan([entry(f"{suite}.a")], about=about).steps

    assert step.blocked == (f"a production target refuses {suite}, whatever the flags",)


def test_an_empty_catalog_is_a_gap() -> None:
    """A run without a single scenario cannot be GO."""
    assert plan([]).gaps == ("nothing was run",)


def test_a_suite_that_was_asked_for_and_is_empty_is_a_gap() -> None:
    """`--only smoke,load` without a load scenario is not silently a smoke run."""
    made = plan([entry("smoke.a")], Selection(suites=("smoke", "load")))

    assert made.gaps == ("the catalog has no scenario in the suite 'load' for this profile",)


def test_a_scenario_that_was_asked_for_and_does_not_exist_is_a_gap() -> None:
    """A typing error in `--only` is not silently ignored."""
    made = plan([entry("smoke.a")], Selection(scenarios=("smoke.a", "smoke.b")))

    assert made.gaps == ("the catalog has no scenario 'smoke.b' in this selection",)


def test_longer_profiles_include_shorter_ones() -> None:
    """`standard` runs what `quick` runs, and more."""
    entries = [entry("smoke.a"), entry("smoke.b", profile=Profile.STANDARD)]

    quick = plan(entries)
    standard = plan(entries, Selection(profile=Profile.STANDARD))

    assert [step.scenario for step in quick.steps] == ["smoke.a"]
    assert [step.scenario for step in standard.steps] == ["smoke.a", "smoke.b"]


def test_steps_come_in_the_order_of_the_checklists() -> None:
    """A person reads the findings in the order of the list that they know."""
    items = [Item("z", "w", ("smoke.z",), id="l.1"), Item("a", "w", ("smoke.b",), id="l.2")]

    made = plan([entry("smoke.a"), entry("smoke.b"), entry("smoke.z")], items=items)

    assert [step.scenario for step in made.steps] == ["smoke.z", "smoke.b", "smoke.a"]


def test_an_item_is_part_of_a_plan_only_with_all_of_its_findings() -> None:
    """A run of one suite does not judge items that rest on another one."""
    items = [
        Item("s", "w", ("smoke.a",), id="l.1"),
        Item("s", "w", ("smoke.a", "load.a"), id="l.2"),
    ]
    entries = [entry("smoke.a"), entry("load.a")]

    made = plan(entries, Selection(suites=("smoke",)), items=items)

    assert [item.id for item in made.items] == ["l.1"]


def test_what_the_whole_checklist_requires_stays_required_in_a_narrow_run() -> None:
    """A `must` item that a selection leaves out does not make its findings optional."""
    items = [
        Item("s", "w", ("smoke.a", "load.a"), id="l.1"),
        Item("s", "w", ("smoke.a",), level="should", id="l.2"),
        Item("s", "w", ("smoke.b",), level="should", id="l.3"),
    ]
    entries = [entry("smoke.a"), entry("smoke.b"), entry("load.a")]

    made = plan(entries, Selection(suites=("smoke",)), items=items)

    assert made.optional == ("smoke.b",)


def test_an_item_that_rests_on_nothing_is_a_gap() -> None:
    """An item whose finding no scenario gives can never be proven: say so."""
    made = plan([entry("smoke.a")], items=[Item("s", "w", ("smoke.typo",), id="l.1")])

    assert made.gaps == ("item l.1 rests on smoke.typo, which the catalog does not have",)


def test_capabilities_follow_from_sections() -> None:
    """What a target lets us do is what its file describes."""
    about = target(webhook=Webhook(path="/w", password_env="PASSWORD"))

    assert about.capabilities == {Capability.HTTP, Capability.WEBHOOK}


def breaking(environment: str, **selection: object) -> tuple[str, ...]:
    """Why a drill is not run against a target of that environment."""
    about = target(environment, allow=["chaos"])
    drill = entry("chaos.redis_down", radius=("redis_queue: nobody answers",))
    return plan([drill], Selection(**selection), about).steps[0].blocked


def test_nothing_is_broken_that_was_not_named() -> None:
    """Whoever breaks something that is not local says its name; another name does not do."""
    assert breaking("local") == ()
    assert breaking("staging", may_break="t") == ()
    for said in ("", "other"):
        assert breaking("staging", may_break=said) == (
            "it breaks things, and nobody said: --break t",
        )


def test_production_refuses_chaos_whatever_was_said() -> None:
    """The name does not help, nor does the permission in the target file."""
    assert breaking("production", may_break="t") == (
        "a production target refuses chaos, whatever the flags",
    )


def test_words_choose_drills_by_name_and_by_what_they_break() -> None:
    """`--only redis` takes drills that are called so and drills that break it."""
    entries = [
        entry("chaos.redis_down", radius=("redis_queue: down",)),
        entry("chaos.two", radius=("redis_queue: killed", "worker: killed")),
        entry("chaos.postgres_down", radius=("postgres: down",)),
    ]

    made = plan(entries, Selection(suites=("chaos",), words=("redis",)))

    assert [step.scenario for step in made.steps] == ["chaos.redis_down", "chaos.two"]


def test_a_scenario_that_is_named_runs_in_any_profile() -> None:
    """Whoever names it means it."""
    made = plan([entry("chaos.a", profile=Profile.FULL)], Selection(scenarios=("chaos.a",)))

    assert [step.scenario for step in made.steps] == ["chaos.a"]


def test_a_game_day_is_shuffled_by_the_seed_and_as_long_as_asked() -> None:
    """Pairs of drills, the same for the same seed, more of them for more minutes."""
    pairs = {f"chaos.a+{n}": entry(f"chaos.a+{n}", radius=("r",)) for n in range(40)}
    offered = Entries({}, pairs=pairs)

    def drawn(seed: str, minutes: float) -> list[str]:
        selection = Selection(suites=("chaos",), seed=seed, game_day_minutes=minutes)
        made = make_plan(target(allow=["chaos"]), offered, selection, OCCASION)
        return [step.scenario for step in made.steps]

    assert drawn("1", 5) == drawn("1", 5) != drawn("2", 5)
    assert len(drawn("1", 5)) == 2 * len(drawn("1", 2.5)) > 0
