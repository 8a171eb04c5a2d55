"""Drills: a workload, the faults that strike meanwhile, and the time to recover."""

from dataclasses import dataclass, field, replace

from golive.model.fault import Injection
from golive.model.history.records import Demands
from golive.model.notification import Notification
from golive.model.profile import Profile

LONGEST_RETRY_SECONDS = 3.0


@dataclass(frozen=True)
class Workload:
    """What the target is given while the faults come and go.

    Notifications arrive at `per_second` whether or not the target answers, and each is delivered
    again until it has its echo, `retry_seconds` after the first attempt, twice as long after the
    second, and so on up to `LONGEST_RETRY_SECONDS`. `repeated` is the share delivered once more
    although it has it; `at_once` identical deliveries go out together. `followed_by` are further
    notifications about the same payment, in the gateway's words `status` or `event/status`, in an
    order drawn by the seed. `forged` (wrong signature or none), `conflicting` (a known payment,
    another amount) and `poison` (signed nonsense) are shares that come on top. `files` are
    uploaded meanwhile, evenly spread, of `rows` rows each.
    """

    notifications: int = 480
    per_second: float = 80.0
    retry_seconds: float = 0.5
    timeout_seconds: float = 8.0
    repeated: float = 0.1
    at_once: int = 1
    followed_by: tuple[str, ...] = ()
    forged: float = 0.0
    conflicting: float = 0.0
    poison: float = 0.0
    files: int = 0
    rows: int = 50

    @property
    def seconds(self) -> float:
        """How long it takes where nothing is in the way."""
        return self.notifications / self.per_second


@dataclass(frozen=True)
class Planned:
    """A notification that is due, in seconds from the start; `copies` go out together."""

    due_seconds: float
    what: str
    kind: str
    notification: Notification
    copies: int = 1
    again: bool = False
    """Delivered once more although it has its echo."""
    contradicted: bool = False
    """Followed by one with its id and another amount."""


@dataclass(frozen=True)
class Drill:
    """One catalog file. Its faults strike together, each by its own windows.

    `afterwards` strike one after the other once everything has its effect; then all notifications
    are delivered again. `code` is the number of the drill in the catalog of ways to lose data.
    """

    statement: str
    code: str
    faults: tuple[Injection, ...]
    remediation: str
    workload: Workload = field(default_factory=Workload)
    afterwards: tuple[Injection, ...] = ()
    demands: Demands = Demands(recover_within_seconds=30.0)
    profile: Profile = Profile.STANDARD


def join_ids(one: str, two: str) -> str:
    """The id of two drills at once: `chaos.a+b`."""
    return f"{one}+{two.partition('.')[2]}"


def together(one: Drill, two: Drill) -> Drill:
    """Two drills at once: the larger workload under the faults of both, and time for both."""
    recover = one.demands.recover_within_seconds + two.demands.recover_within_seconds
    larger, smaller = sorted((one.workload, two.workload), key=lambda load: -load.notifications)
    return Drill(
        statement="Nothing is lost and nothing happens twice while two drills run at once.",
        code=f"{one.code}+{two.code}",
        faults=(*one.faults, *two.faults),
        afterwards=(*one.afterwards, *two.afterwards),
        remediation=f"{one.remediation} {two.remediation}",
        workload=replace(larger, files=max(larger.files, smaller.files)),
        demands=Demands(
            recover_within_seconds=recover,
            must_hit=False,
            jobs_may_fail=one.demands.jobs_may_fail or two.demands.jobs_may_fail,
        ),
        profile=Profile.STANDARD,
    )
