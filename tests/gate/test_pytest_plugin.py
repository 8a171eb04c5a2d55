"""`pytest --golive`: scenarios as test items, in a project of somebody else."""

from pathlib import Path

import pytest

# The smoke suite alone: eight statements, whatever else the catalog holds.
OPTIONS = ["-p", "no:cacheprovider", "--golive-only=smoke"]

OWN_TEST = '''
def test_own():
    """The user's own test."""
'''


@pytest.fixture
def target(write_target, healthy_url) -> Path:
    """A target whose health can be proven and nothing else."""
    return write_target(healthy_url)


def run(pytester: pytest.Pytester, *words: object) -> pytest.RunResult:
    """Run pytest in a process of its own, as a user would."""
    return pytester.runpytest_subprocess(*OPTIONS, *map(str, words))


def test_every_scenario_is_an_item(pytester, target) -> None:
    """PASS passes, INCONCLUSIVE fails with summary, evidence and remediation in the text."""
    ran = run(pytester, f"--golive={target}", "-rA")

    ran.assert_outcomes(passed=1, failed=7)
    ran.stdout.fnmatch_lines(
        [
            "*INCONCLUSIVE smoke.webhook: the target file has no [[]webhook[]]*",
            "*UNPROVEN: *",
            "*report: runs/*/report.html",
        ]
    )
    assert ran.ret == 1


def test_a_failed_finding_names_its_evidence(pytester, write_target, healthy_url) -> None:
    """The failure text leads to the evidence file, which exists."""
    more = f'[nodes]\napi-1 = "{healthy_url}"\napi-2 = "{healthy_url}/nothing-here"\n'
    ran = run(pytester, f"--golive={write_target(healthy_url, more)}", "-k", "health")

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*FAIL smoke.health: api-2 *answered 404*", "*evidence: runs/*"])
    (evidence,) = Path(pytester.path).glob("runs/*/evidence/smoke.health.json")
    assert evidence.exists()


def test_inconclusive_can_be_allowed(pytester, target) -> None:
    """With the option, what could not be judged is skipped with its reason; it never passes."""
    ran = run(pytester, f"--golive={target}", "--golive-allow-inconclusive", "-rs")

    ran.assert_outcomes(passed=1, skipped=7)
    ran.stdout.fnmatch_lines(["*inconclusive: the target file has no*"])


def test_k_and_m_choose_and_the_run_holds_only_what_was_chosen(pytester, target) -> None:
    """Deselected scenarios are not driven and not part of the verdict."""
    by_name = run(pytester, f"--golive={target}", "-k", "health")
    by_mark = run(pytester, f"--golive={target}", "-m", "smoke and not smoke")

    by_name.assert_outcomes(passed=1, deselected=7)
    by_name.stdout.fnmatch_lines(["*GO: *"])
    by_mark.assert_outcomes(deselected=8)


def test_items_run_beside_the_users_own_tests(pytester, target) -> None:
    """The gate joins a test suite without changing it; junit knows both."""
    pytester.makepyfile(test_own=OWN_TEST)
    ran = run(pytester, f"--golive={target}", "-k", "health or test_own", "--junit-xml=junit.xml")

    ran.assert_outcomes(passed=2, deselected=7)
    assert "smoke.health" in Path(pytester.path, "junit.xml").read_text()


def test_without_the_option_nothing_changes(pytester) -> None:
    """An installed golive does not touch a project that does not use it."""
    pytester.makepyfile(test_own=OWN_TEST)

    run(pytester).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "words, said",
    [
        (["--golive=none.toml"], "*none.toml: No such file or directory*"),
        (["--golive", "test_own.py"], "*takes a target file*test_own.py*"),
        (["--golive="], "*takes a target file*"),
        (["--golive=bad.toml"], "*line 1: target.nmae*"),
    ],
)
def test_usage_errors_are_sentences(pytester, words, said) -> None:
    """A wrong target ends before any test, without a traceback."""
    pytester.makepyfile(test_own=OWN_TEST)
    Path(pytester.path, "bad.toml").write_text("target = {nmae = 'x'}\n")
    ran = run(pytester, *words)

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([said])
    ran.stderr.no_fnmatch_line("*Traceback*")


FAILING = '''
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, scenario


@dataclass(frozen=True)
class Seen:
    """What was seen."""

    status: int


def check(_seen: Sequence[Seen], _slo: Slo) -> Ruling:
    """Refuted."""
    return failed("not so")


@scenario(needs=[Capability.HTTP], evidence=Seen, check=check, remediation="none")
def drive(gate: Gate) -> Iterator[Seen]:
    """It holds."""
    yield Seen(gate.http.request("GET", gate.url("/health")).status)
'''


@pytest.mark.parametrize(
    "words, said",
    [
        (["--golive-only=mine"], "*INCONCLUSIVE: *no scenario in the suite 'mine'*"),
        (["--golive-only=smoke.health,smoke.helth"], "*no scenario 'smoke.helth'*"),
        (["--golive-only=smoke.health", "--golive-catalog=empty"], "*empty holds no scenario*"),
        (["--golive-only=smoke.health,mine", "-m", "smoke"], "*UNPROVEN: *'mine'*"),
    ],
    ids=["empty suite", "typing error", "empty catalog", "its item deselected"],
)
def test_a_run_that_cannot_be_go_is_not_green(pytester, target, words, said) -> None:
    """What was asked for and is not there fails an item, also beside the user's own tests."""
    pytester.makepyfile(test_own=OWN_TEST)
    Path(pytester.path, "empty").mkdir()

    ran = run(pytester, f"--golive={target}", *words)

    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    ran.stdout.fnmatch_lines([said])
    ran.stdout.no_fnmatch_line("*GO: *")


def test_a_waived_finding_is_skipped_with_its_reason(pytester, target) -> None:
    """The items and the verdict agree: what a waiver accepts fails neither."""
    scenario = Path(pytester.path, "own/scenarios/mine/own.py")
    scenario.parent.mkdir(parents=True)
    scenario.write_text(FAILING)
    target.with_name("waivers.toml").write_text(
        '[[waiver]]\nid = "mine.own"\nreason = "known"\napprover = "a person"\n'
        'risk = "small"\nexpires = 2999-01-01\n'
    )

    ran = run(pytester, f"--golive={target}", "--golive-only=mine", "--golive-catalog=own", "-rs")

    ran.assert_outcomes(skipped=1)
    ran.stdout.fnmatch_lines(["*GO: *1 is waived: mine.own*", "*waived, FAIL: not so*"])


def test_what_keeps_the_run_from_beginning_is_tried_once(pytester, target) -> None:
    """Every item tells the obstacle; nothing is started again and again."""
    ran = run(pytester, f"--golive={target}", "--golive-out=/dev/full/runs")

    ran.assert_outcomes(failed=8)
    ran.stdout.fnmatch_lines(["*cannot be written: Not a directory*"])
    ran.stdout.no_fnmatch_line("*Traceback*")


def test_no_secret_is_in_the_output_or_in_junit(pytester, write_target, healthy_url) -> None:
    """A password inside a DSN that cannot be read is shown nowhere."""
    more = '[observe.sql]\ndsn_env = "DSN"\n[uploads]\ncreate = "POST /u"\nstatus = "GET /u/{id}"\n'
    more += '[webhook]\npath = "/w"\npassword_env = "DSN"\n'
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSN", "postgres//gate:S3cretPassw0rd@db/tether")
        ran = run(pytester, f"--golive={write_target(healthy_url, more)}", "--junit-xml=junit.xml")

    seen = "\n".join([*ran.outlines, *ran.errlines])
    assert "S3cretPassw0rd" not in seen + Path(pytester.path, "junit.xml").read_text()
