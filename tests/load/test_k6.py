"""The script for k6 that golive writes from a load of its catalog."""

import json
import re
from pathlib import Path

import pytest

from golive.adapters.load.k6 import GATEWAY, script_of
from golive.cli.app import run
from golive.model.load.shape import hold, ramp
from golive.model.load.traffic import LoadPlan
from golive.model.slo import Slo

SCRIPT = Path(__file__).with_name("webhook-load-test.js")
PLAN = LoadPlan((ramp(0, 20, 2, may_be_slow=True), hold(12.5, 4), hold(0, 1)), timeout_seconds=3.0)


def options_of(script: str) -> dict[str, dict[str, object]]:
    """What k6 is told about the load: an object that is JSON."""
    found = re.search(r"^export const options = (\{.*?^\});", script, re.DOTALL | re.MULTILINE)
    assert found
    return dict(json.loads(found.group(1)))


def test_the_script_in_the_repository_is_what_golive_writes(capsys) -> None:
    """Whoever changes the load of the epic or the writer renews the file with the command in it."""
    assert run(["export", "--load", "k6"]) == 0
    assert capsys.readouterr().out == SCRIPT.read_text()


def test_it_has_the_stages_and_the_thresholds_of_the_epic() -> None:
    """0 to 50 in a minute, three at 50, one to 100, three at 100, one to 0; nothing may be dropped,
    and a test that sent nothing breaks a threshold.
    """
    options = options_of(SCRIPT.read_text())
    thresholds = options["thresholds"]

    assert [one["startTime"] for one in options["scenarios"].values()] == [
        *("0s", "60s", "240s", "300s", "480s")
    ]
    assert thresholds["http_req_duration"] == ["p(95)<100", "p(99)<200"]
    assert thresholds["http_req_failed"] == ["rate<0.01"]
    assert thresholds["dropped_iterations"] == ["count==0"]
    assert thresholds["http_reqs"] == ["count>=35640"]


def test_a_stage_that_may_be_slow_has_no_limit_and_part_rates_are_kept() -> None:
    """Latency counts where golive counts it; k6 wants whole rates, so that 12.5 a second is 12 500
    in a thousand seconds; a stage that sends nothing is none.
    """
    options = options_of(script_of(PLAN, GATEWAY, Slo()))
    held = options["scenarios"]["2_hold_12_5"]

    assert list(options["scenarios"]) == ["1_ramp_0_to_20", "2_hold_12_5"]
    assert (held["rate"], held["timeUnit"], held["startTime"]) == (12_500, "1000s", "2s")
    assert "http_req_duration" not in options["thresholds"]
    assert "http_req_duration{scenario:1_ramp_0_to_20}" not in options["thresholds"]
    assert "http_req_duration{scenario:2_hold_12_5}" in options["thresholds"]


@pytest.mark.parametrize(
    "words, told",
    [
        (("--load", "jmeter"), "--load jmeter"),
        (("--load", "k6", "--to", "jira"), "--load and --to"),
        (("--load", "k6", "--only", "nothing"), "load.epic"),
        (("--load", "k6", "--target", "nowhere.toml"), "nowhere.toml"),
        (("--load", "k6", "--out", "/nowhere/at/all.js"), "/nowhere/at/all.js"),
    ],
)
def test_what_cannot_be_exported_is_said(words: tuple[str, ...], told: str, capsys) -> None:
    """A sentence that names what is wrong, and exit code 3."""
    assert run(["export", *words]) == 3
    assert told in " ".join(capsys.readouterr().err.split())
