"""A deploy: what a target file says about it, its steps in order, and what became of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from golive.model.section import Section

COMMANDS = (
    *("current", "check", "pending", "prepare", "backup", "migrate"),
    *("drain", "start", "running", "admit", "finish"),
)


@dataclass(frozen=True)
class Deploy(Section):
    """Section `[deploy]`: one command for each step. `{version}` and `{node}` are filled in."""

    order: tuple[str, ...]
    """The servers that are replaced, one after the other; those in `[nodes]` have an address."""
    current: str
    """Prints the version that runs now."""
    drain: str
    """Ends the server of `{node}` once it has no more requests or jobs."""
    start: str
    """Starts `{version}` at `{node}`, without requests if `admit` gives them."""
    running: str
    """Prints the version that the process at `{node}` runs."""
    ready: str = "/health/ready"
    admit: str | None = None
    """Lets `{node}` have requests again."""
    check: str | None = None
    """Fails where `{version}` cannot be deployed. Changes nothing."""
    pending: str | None = None
    """Prints the SQL of the migrations that `{version}` would bring. Changes nothing."""
    prepare: str | None = None
    """Lays `{version}` out beside what runs, and prints the name that it has from then on."""
    backup: str | None = None
    migrate: str | None = None
    """Brings the schema up to `{version}`; what ran before must go on with it."""
    finish: str | None = None
    """Tidies up. What fails here fails no deploy."""


def last_line(said: str) -> str:
    """What a command that prints one word has to say (empty = nothing): others may have logged
    before it.
    """
    lines = said.strip().splitlines()
    return lines[-1].strip() if lines else ""


class Act(StrEnum):
    """What a step does. `HEALTHY`, `READY` and `SMOKE` are golive's own, the rest are commands."""

    HEALTHY = "healthy"
    CHECK = "check"
    PENDING = "pending"
    PREPARE = "prepare"
    BACKUP = "backup"
    MIGRATE = "migrate"
    DRAIN = "drain"
    START = "start"
    READY = "ready"
    ADMIT = "admit"
    SMOKE = "smoke"
    FINISH = "finish"


DOES = {
    Act.HEALTHY: "look whether everything is ready as it is",
    Act.CHECK: "look whether the version can be deployed",
    Act.PENDING: "look whether its migrations let the version before go on",
    Act.PREPARE: "lay the version out beside what runs",
    Act.BACKUP: "back up the database and the files",
    Act.MIGRATE: "bring the schema up to date",
    Act.DRAIN: "no new requests, finish what is under way, end",
    Act.START: "start the version",
    Act.READY: "wait until it is ready, and is the version",
    Act.ADMIT: "let it have requests",
    Act.SMOKE: "run the smoke suite",
    Act.FINISH: "tidy up",
}
LOOKS = (Act.HEALTHY, Act.CHECK, Act.PENDING)
"""What runs before anything is changed, in a dry run as well."""


@dataclass(frozen=True)
class DeployStep:
    """One step; `node` is empty where it is about the whole deployment."""

    act: Act
    node: str = ""

    @property
    def title(self) -> str:
        """What a person reads."""
        return f"{self.act} {self.node}".rstrip()


class StepState(StrEnum):
    """What has become of a step. `BEGUN` is all that a killed golive has left of one."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class StepRecord:
    """A step that was begun. `back` = while rolling back; `said` is what it printed, or why not."""

    act: Act
    node: str
    back: bool
    started: str
    state: StepState = StepState.BEGUN
    seconds: float = 0.0
    said: str = ""


class DeployOutcome(StrEnum):
    """How a deploy has ended, or has not."""

    UNDER_WAY = "under way"
    DEPLOYED = "deployed"
    NOT_BEGUN = "not begun"
    ROLLED_BACK = "rolled back"
    LEFT = "could not be rolled back"


UNFINISHED = (DeployOutcome.UNDER_WAY, DeployOutcome.LEFT)


@dataclass(frozen=True)
class DeployRecord:
    """One deploy, or roll-back, from its first step to its end; kept on disk at every step."""

    id: str
    target: str
    version: str
    release: str
    """The name that `prepare` gave the version."""
    previous: str
    """What ran before."""
    started: str
    folder: str
    steps: tuple[StepRecord, ...] = ()
    outcome: DeployOutcome = DeployOutcome.UNDER_WAY
    reason: str = ""

    @property
    def touched(self) -> tuple[str, ...]:
        """The servers that were drained, or began to be, in that order."""
        drained = (one.node for one in self.steps if one.act is Act.DRAIN and not one.back)
        return tuple(dict.fromkeys(drained))

    @property
    def is_left(self) -> bool:
        """Whether servers were left half way."""
        return self.outcome in UNFINISHED and bool(self.touched)

    @property
    def last(self) -> str:
        """The step that it stands at."""
        if not self.steps:
            return "its beginning"
        return f"step {DeployStep(self.steps[-1].act, self.steps[-1].node).title}"


def steps_of(deploy: Deploy, nodes: Collection[str]) -> tuple[DeployStep, ...]:
    """The steps of a deploy in order; `nodes` have an address."""
    wanted = (Act.HEALTHY, Act.CHECK, Act.PENDING, Act.PREPARE, Act.BACKUP, Act.MIGRATE)
    before = tuple(DeployStep(act) for act in wanted if _is_there(deploy, act))
    canary = next((one for one in deploy.order if one in nodes), "")
    return (*before, *_replaced(deploy, deploy.order, canary), *_end(deploy, deploy.order))


def steps_back(deploy: Deploy, touched: Sequence[str]) -> tuple[DeployStep, ...]:
    """The steps that undo what was done to servers, the last one first. The schema stays: what
    ran before goes on with it.
    """
    order = tuple(reversed(touched))
    return (*_replaced(deploy, order, ""), *_end(deploy, order))


def _replaced(deploy: Deploy, order: Sequence[str], canary: str) -> Iterator[DeployStep]:
    for node in order:
        yield DeployStep(Act.DRAIN, node)
        yield DeployStep(Act.START, node)
        yield DeployStep(Act.READY, node)
        if node == canary:
            # Before it has requests: nobody is served by a version that does not pass.
            yield DeployStep(Act.SMOKE, node)
        if deploy.admit:
            yield DeployStep(Act.ADMIT, node)


def _end(deploy: Deploy, order: Sequence[str]) -> Iterator[DeployStep]:
    yield DeployStep(Act.SMOKE)
    # Once more: one that died since is hidden behind the others.
    for node in order:
        yield DeployStep(Act.READY, node)
    if deploy.finish:
        yield DeployStep(Act.FINISH)


def _is_there(deploy: Deploy, act: Act) -> bool:
    return act is Act.HEALTHY or getattr(deploy, act.value) is not None
