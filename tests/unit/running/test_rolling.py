"""What a deploy does in which order, and what it undoes: against servers that are plain facts."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from golive.errors import DeployError, StepFailedError
from golive.model.deploying import (
    Act,
    Deploy,
    DeployOutcome,
    DeployRecord,
    DeployStep,
    StepRecord,
    steps_back,
    steps_of,
)
from golive.running.rolling import Rollout

ORDER = ("worker", "api-1", "api-2")
NODES = ("api-1", "api-2")
DEPLOY = Deploy(
    order=ORDER,
    current="current",
    drain="drain {node}",
    start="start {node} {version}",
    running="running {node}",
    admit="admit {node}",
    check="check {version}",
    pending="pending {version}",
    prepare="prepare {version}",
    backup="backup",
    migrate="migrate {version}",
    finish="finish",
)
RECORD = DeployRecord("id", "t", "v2", "v2", "v1", "now", "/run")


@dataclass
class Servers:
    """Which version each server runs, and whether it has requests; `fails` breaks steps."""

    fails: Callable[[DeployStep, str], bool] = lambda _step, _version: False
    raises: BaseException = field(default_factory=lambda: StepFailedError("it broke"))
    runs: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ORDER, "v1"))
    admitted: set[str] = field(default_factory=lambda: set(ORDER))
    done: list[DeployStep] = field(default_factory=list)

    def perform(self, step: DeployStep, version: str) -> str:
        """Do it, unless it is to fail."""
        if step.act is Act.DRAIN:
            self.admitted.discard(step.node)
            self.runs[step.node] = ""
        if self.fails(step, version):
            raise self.raises
        if step.act is Act.START:
            self.runs[step.node] = version
        if step.act is Act.ADMIT:
            self.admitted.add(step.node)
        self.done.append(step)
        return "v2-released\n" if step.act is Act.PREPARE else ""


class Silence:
    """Watches nothing."""

    def began(self, step: StepRecord) -> None:
        """Nothing."""

    def ended(self, step: StepRecord) -> None:
        """Nothing."""


def rollout(servers: Servers, kept: list[DeployRecord] | None = None) -> Rollout:
    """A deploy of v2 over v1."""
    keep = (kept if kept is not None else []).append
    return Rollout(DEPLOY, NODES, servers, Silence(), keep, RECORD)


def test_the_order_of_the_steps() -> None:
    """Checks come first, then the backup, then the schema, then one server at a time; the first
    one with an address passes the smoke suite before it has requests.
    """
    titles = [step.title for step in steps_of(DEPLOY, NODES)]

    assert titles[:6] == ["healthy", "check", "pending", "prepare", "backup", "migrate"]
    assert titles[6:10] == ["drain worker", "start worker", "ready worker", "admit worker"]
    first = ["drain api-1", "start api-1", "ready api-1", "smoke api-1", "admit api-1"]
    assert titles[10:15] == first
    assert titles[15:19] == ["drain api-2", "start api-2", "ready api-2", "admit api-2"]
    assert titles[19:] == ["smoke", "ready worker", "ready api-1", "ready api-2", "finish"]


def test_what_a_target_does_not_offer_is_left_out() -> None:
    """Without further commands a deploy replaces servers and looks, no more."""
    small = Deploy(order=("web",), current="c", drain="d", start="s", running="r")

    titles = [step.title for step in steps_of(small, ())]

    assert titles == ["healthy", "drain web", "start web", "ready web", "smoke", "ready web"]


def test_undoing_begins_with_what_was_changed_last() -> None:
    """Servers go back in the reverse order."""
    drained = [one.node for one in steps_back(DEPLOY, ORDER) if one.act is Act.DRAIN]

    assert drained == ["api-2", "api-1", "worker"]


def test_a_deploy_that_goes_well() -> None:
    """Every server runs what `prepare` called the version, has requests, and the record says so."""
    servers = Servers()

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.DEPLOYED
    assert record.release == "v2-released"
    assert set(servers.runs.values()) == {"v2-released"}
    assert servers.admitted == set(ORDER)


@pytest.mark.parametrize("act", ["healthy", "check", "pending", "prepare", "backup", "migrate"])
def test_what_fails_before_the_first_change_touches_nothing(act) -> None:
    """No server was drained, and none is."""
    servers = Servers(lambda step, _version: step.act == act)

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.NOT_BEGUN
    assert f"step {act} failed: it broke" in record.reason
    assert [one for one in servers.done if one.node] == []
    assert set(servers.runs.values()) == {"v1"}


LATER = [step for step in steps_of(DEPLOY, NODES)[6:] if step.act is not Act.FINISH]


@pytest.mark.parametrize("broken", LATER, ids=[step.title for step in LATER])
@pytest.mark.parametrize(
    "error", [StepFailedError("it broke"), KeyboardInterrupt(), ZeroDivisionError("ours")]
)
def test_what_fails_later_is_undone(broken, error) -> None:
    """Whatever fails, and however, every server runs the old version again and has requests."""
    servers = Servers(lambda step, version: step == broken and version != "v1", error)

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.ROLLED_BACK
    assert record.reason
    assert set(servers.runs.values()) == {"v1"}
    assert servers.admitted == set(ORDER)


def test_what_was_not_touched_is_not_touched_by_undoing() -> None:
    """Only servers that were drained are restarted."""
    servers = Servers(lambda step, _v: step == DeployStep(Act.START, "worker"))

    rollout(servers).forward()

    assert {one.node for one in servers.done if one.act is Act.DRAIN} == {"worker"}


def test_what_cannot_be_undone_is_the_loudest() -> None:
    """The old version that does not start either is named, gets no requests, and the others are
    undone all the same.
    """
    servers = Servers(lambda step, _version: step == DeployStep(Act.READY, "api-1"))

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.LEFT
    assert "could not be rolled back" in record.reason
    assert "ready api-1" in record.reason
    assert record.is_left
    assert "api-1" not in servers.admitted
    assert servers.runs["worker"] == "v1"


def test_whoever_serves_is_not_drained_for_an_old_version_that_does_not_start() -> None:
    """The first node that cannot go back keeps the others serving the new version; what has no
    address goes back all the same.
    """

    def fails(step: DeployStep, version: str) -> bool:
        going = step == DeployStep(Act.SMOKE) and version != "v1"
        return going or (step == DeployStep(Act.READY, "api-2") and version == "v1")

    servers = Servers(fails)

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.LEFT
    assert servers.runs == {"worker": "v1", "api-1": "v2-released", "api-2": "v1"}
    assert "api-1" in servers.admitted


def test_a_server_that_dies_after_its_turn_is_found_in_the_end() -> None:
    """Behind a balancer its death shows nowhere else; everything is rolled back."""

    def fails(step: DeployStep, version: str) -> bool:
        died = step == DeployStep(Act.READY, "api-1") and version != "v1"
        return died and servers.done[-1:] != [DeployStep(Act.START, "api-1")]

    servers = Servers(fails)

    record = rollout(servers).forward()

    assert DeployStep(Act.SMOKE) in servers.done
    assert record.outcome is DeployOutcome.ROLLED_BACK
    assert "step ready api-1 failed" in record.reason
    assert set(servers.runs.values()) == {"v1"}


def test_the_record_is_kept_before_each_step_and_after() -> None:
    """Whoever finds the record of a killed golive sees what was begun."""
    kept: list[DeployRecord] = []

    rollout(Servers(), kept).forward()

    drained = next(one for one in kept if one.touched)
    assert drained.last == "step drain worker"
    assert drained.is_left
    assert kept[-1].outcome is DeployOutcome.DEPLOYED
    assert not kept[-1].is_left


def test_a_record_that_cannot_be_kept_stops_the_deploy_but_not_the_way_back() -> None:
    """A full disk ends a deploy, and what was changed is undone without the record."""
    servers = Servers()
    under_way = rollout(servers)

    def full(record: DeployRecord) -> None:
        if record.touched:
            raise DeployError("the disk is full")

    under_way.keep = full
    record = under_way.forward()

    assert record.outcome is DeployOutcome.ROLLED_BACK
    assert "the disk is full" in record.reason
    assert set(servers.runs.values()) == {"v1"}


def test_tidying_up_fails_no_deploy() -> None:
    """What is deployed and proven is not undone because an old folder cannot be removed."""
    servers = Servers(lambda step, _version: step.act is Act.FINISH)

    record = rollout(servers).forward()

    assert record.outcome is DeployOutcome.DEPLOYED
    assert "not tidied up" in record.steps[-1].said


def test_looking_changes_nothing() -> None:
    """A dry run performs the checks alone."""
    servers = Servers()

    rollout(servers).look()

    assert [one.title for one in servers.done] == ["healthy", "check", "pending"]
