"""What Prometheus and Grafana are given: valid, tested, and about metrics that there are."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from infra import observability

FOLDER = Path(__file__).parents[2] / "infra/prometheus"
RULE_TESTS = ("rules.test.yml", "rules.days.test.yml")
ELSEWHERE = {"up", "probe_success", "probe_ssl_earliest_cert_expiry"}
"""Of Prometheus itself, and of the blackbox exporter."""
NAME = re.compile(r"\b(?:tether|process|probe)[a-z_]*(?::[a-z_0-9]+)*|\bup\b")
QUOTED = re.compile(r'"[^"]*"')


def rules_in(folder: Path) -> list[dict[str, Any]]:
    """Every rule."""
    document = yaml.safe_load((folder / "prometheus/rules.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard_in(folder: Path) -> dict[str, Any]:
    """The dashboard."""
    return dict(json.loads((folder / "grafana/dashboards/tether.json").read_text()))


def expressions(folder: Path) -> Iterator[str]:
    """Every expression of rules and dashboard."""
    yield from (rule["expr"] for rule in rules_in(folder))
    for panel in dashboard_in(folder)["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def names_in(expression: str) -> set[str]:
    """The metrics that an expression is about."""
    return set(NAME.findall(QUOTED.sub("", expression)))


def test_the_configuration_is_valid(render, tool) -> None:
    """Prometheus and the blackbox exporter would start with it; an Alertmanager is optional."""
    for words in ((), ("--alertmanager", "10.0.0.9:9093")):
        checked = tool(
            "promtool", "check", "config", render("", *words) / "prometheus/prometheus.yml"
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_probe_is_valid(render, tool) -> None:
    """The blackbox exporter reads its modules."""
    file = render() / "prometheus/blackbox.yml"
    checked = tool("prometheus-blackbox-exporter", "--config.file", file, "--config.check")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", RULE_TESTS)
def test_alerts_fire_when_they_must_and_only_then(render, tool, name: str) -> None:
    """By promtool, on series that were written down."""
    folder = render() / "prometheus"
    shutil.copy(FOLDER / name, folder)
    tested = tool("promtool", "test", "rules", folder / name)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_was_seen_to_fire_and_to_be_silent(render) -> None:
    """None is without a test of either kind."""
    alerts = {rule["alert"] for rule in rules_in(render()) if "alert" in rule}
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for name in RULE_TESTS:
        for one in yaml.safe_load((FOLDER / name).read_text())["tests"]:
            for asked in one["alert_rule_test"]:
                seen[bool(asked["exp_alerts"])].add(asked["alertname"])
    assert seen[True] == alerts
    # What burns the budget steadily is nothing but the slowest of four.
    assert alerts - seen[False] == set()


def test_every_alert_says_what_to_do(render) -> None:
    """A summary, a remedy, and whether somebody has to get up."""
    for rule in (rule for rule in rules_in(render()) if "alert" in rule):
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "remedy"} <= set(rule["annotations"])


def test_every_metric_is_really_there(render, deployment) -> None:
    """Rules and dashboard are about what a node shows, or about what a rule records."""
    (node, *_) = deployment.nodes.values()
    httpx.get(f"{node}/api/uploads")
    shown = httpx.get(f"{node}/metrics").text
    there = set(re.findall(r"(?m)^([a-z_]+)[{ ]", shown))
    folder = render()
    recorded = {rule["record"] for rule in rules_in(folder) if "record" in rule}

    used = {name for one in expressions(folder) for name in names_in(one)}

    assert len(used) > 20
    assert used - there - recorded - ELSEWHERE == set()
    assert recorded - used == set()


def test_the_dashboard_is_one_for_grafana(render) -> None:
    """Grafana's own types hold every word of it, and no panel lies upon another."""
    document = dashboard_in(render())
    back = json.loads(JSONEncoder().encode(Dashboard.from_json(document)))
    assert list(lost(document, back, "")) == []
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in document["panels"]]
    assert len(places) == len(set(places))


def lost(written: Any, known: Any, place: str) -> Iterator[str]:
    """What Grafana's types do not know of what was written."""
    if isinstance(written, dict):
        for key, value in written.items():
            if key not in known:
                yield f"{place}/{key}"
            else:
                yield from lost(value, known[key], f"{place}/{key}")
    elif isinstance(written, list):
        for number, (one, other) in enumerate(zip(written, known, strict=True)):
            yield from lost(one, other, f"{place}/{number}")
    elif written != known:
        yield f"{place}: {written} is {known}"


def test_thresholds_are_the_objectives_of_the_target(render) -> None:
    """One number in [slo] changes alert and dashboard alike."""
    slo = "[slo]\np95_ms = 50\nqueue_depth = 7\n[slo.error_budget]\navailability = 0.99\n"
    folder = render(slo)
    by_name = {rule.get("alert"): rule["expr"] for rule in rules_in(folder)}
    limits = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
        for panel in dashboard_in(folder)["panels"]
    }

    assert by_name["TetherErrorBudgetBurnsFast"].count("> 0.144") == 2
    assert "p95 > 0.05 or" in by_name["TetherSlow"]
    assert by_name["TetherJobsPileUp"].endswith("> 7")
    wanted = {"Latency": 0.05, "Failed requests": 0.01, "Jobs that wait": 7}
    assert {title: limits[title] for title in wanted} == wanted


def test_every_node_is_asked_and_the_entrance_from_outside(render) -> None:
    """By name, past the balancer; and the balancer as a caller comes to it."""
    document = yaml.safe_load((render() / "prometheus/prometheus.yml").read_text())
    nodes, entrance = document["scrape_configs"]
    told = {one["labels"]["node"]: one["targets"] for one in nodes["static_configs"]}

    assert told == {"api-1": ["10.0.0.1:8000"], "api-2": ["10.0.0.2:8000"]}
    assert entrance["static_configs"] == [{"targets": ["https://api.example.org/health"]}]


def test_a_target_without_nodes_is_refused(
    write_target: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody to look at is no monitoring, and it is said."""
    target = write_target("https://api.example.org")

    assert observability.main([str(target), str(tmp_path / "out")]) != 0
    assert "[nodes] names nobody" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
