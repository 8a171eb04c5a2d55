"""`pytest --golive`: scenarios as test items, in a project of somebody else."""

from pathlib import Path

import pytest

OPTIONS = ["-p", "no:cacheprovider"]

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
