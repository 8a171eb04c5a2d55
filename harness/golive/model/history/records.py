"""The records of a drill. As evidence they are rows of tables; `History` gives them names again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import TypeVar

from golive.model.facts import Row
from golive.model.operation import Phase

R = TypeVar("R")

HONEST = ("sale", "poison")
REFUSABLE = ("forged", "conflicting")


@dataclass(frozen=True)
class Delivery:
    """One delivery of a notification; times are seconds from the start of the drill.

    `unique_id` names the payment, `what` the notification about it. `kind` is `sale` for an
    honest one; `forged` and `conflicting` must be refused; `poison` is honest nonsense. `phase` is
    that of the operation: `ok` had its echo, `fail` was refused or never sent, `info` is unknown.
    """

    unique_id: str
    what: str
    kind: str
    attempt: int
    phase: str
    answer: str
    invoked_seconds: float
    completed_seconds: float

    @property
    def acknowledged(self) -> bool:
        """Whether it had its echo."""
        return self.phase == Phase.OK

    @property
    def owed(self) -> bool:
        """Whether the target owes its effect: honest, no nonsense, and acknowledged."""
        return self.acknowledged and self.kind == "sale"


@dataclass(frozen=True)
class Effect:
    """An effect that the target's database holds; `state` is the payment's afterwards.

    The time is -1 where the target does not tell when.
    """

    unique_id: str
    applied_seconds: float
    state: str


@dataclass(frozen=True)
class Strike:
    """A fault while it was there. `problem` says how it did not heal (empty = it did)."""

    fault: str
    on: str
    start_seconds: float
    end_seconds: float
    problem: str = ""


@dataclass(frozen=True)
class SentFile:
    """A file that was uploaded; `upload_id` is empty where it was not accepted.

    `status` is the target's word and `done` whether it means success; hashes are SHA-256, `stored`
    is empty where nobody may look into the bucket; `rows` -1 where nobody may look at the debtors.
    """

    name: str
    upload_id: str
    answer: str
    sent_seconds: float
    answered_seconds: float
    status: str
    done: bool
    sha256: str
    stored_sha256: str
    rows: int
    stored_rows: int


@dataclass(frozen=True)
class Probed:
    """An answer of another route while the drill went on; status 0 = none."""

    at_seconds: float
    status: int
    milliseconds: float


@dataclass(frozen=True)
class Demands:
    """What a drill asks beyond "nothing lost, nothing twice"; 0 = it asks for nothing.

    `answer_within_seconds` bounds every answer of the webhook, `other_routes_within_seconds` those
    of the health check, also while the fault is there. `must_hit` = a fault that met nothing in
    flight proves nothing; `jobs_may_fail` = nonsense was sent that a job may give up on.
    """

    recover_within_seconds: float
    answer_within_seconds: float = 0.0
    other_routes_within_seconds: float = 0.0
    must_hit: bool = True
    jobs_may_fail: bool = False


@dataclass(frozen=True)
class Drilled:
    """The evidence of one drill: tables of the records above, and how it went.

    `before` and `after` say why the steady state did not hold (empty = it held);
    `recovered_seconds` counts from the last heal until nothing was left to do, -1 = never.
    """

    seed: str
    deliveries: tuple[Row, ...]
    effects: tuple[Row, ...]
    strikes: tuple[Row, ...]
    files: tuple[Row, ...]
    probes: tuple[Row, ...]
    demands: Row
    before: str
    after: str
    recovered_seconds: float
    failed_jobs: int
    lag_seconds: float = 0.0
    """How late golive itself was at the worst."""
    planned_strikes: int = 0
    """How often faults were to be there."""


def rows_of(records: Iterable[object]) -> tuple[Row, ...]:
    """Records as rows of a table."""
    return tuple(astuple(record) for record in records)  # type: ignore[call-overload]


def revived(kind: type[R], rows: Sequence[Row]) -> tuple[R, ...]:
    """Rows as records again. Raises TypeError where the columns do not match."""
    return tuple(kind(*row) for row in rows)


@dataclass(frozen=True)
class History:
    """The records of one drill by name, and by payment."""

    deliveries: tuple[Delivery, ...]
    effects: tuple[Effect, ...]
    strikes: tuple[Strike, ...]
    files: tuple[SentFile, ...] = ()
    probes: tuple[Probed, ...] = ()

    @classmethod
    def of(cls, drilled: Drilled) -> "History":
        """Read the tables of the evidence."""
        return cls(
            revived(Delivery, drilled.deliveries),
            revived(Effect, drilled.effects),
            revived(Strike, drilled.strikes),
            revived(SentFile, drilled.files),
            revived(Probed, drilled.probes),
        )

    @cached_property
    def by_payment(self) -> Mapping[str, tuple[Delivery, ...]]:
        """The deliveries about each payment, in the order of their sending."""
        found: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in sorted(self.deliveries, key=lambda one: one.invoked_seconds):
            found[delivery.unique_id].append(delivery)
        return {unique_id: tuple(some) for unique_id, some in found.items()}

    @cached_property
    def effects_of(self) -> Mapping[str, tuple[Effect, ...]]:
        """The effects on each payment, in the order of their application."""
        found: dict[str, list[Effect]] = defaultdict(list)
        for effect in sorted(self.effects, key=lambda one: one.applied_seconds):
            found[effect.unique_id].append(effect)
        return {unique_id: tuple(some) for unique_id, some in found.items()}

    def waits(self) -> Iterator[float]:
        """For each payment, seconds from its first acknowledgement to its first effect."""
        for unique_id, deliveries in self.by_payment.items():
            acknowledged = [one.completed_seconds for one in deliveries if one.acknowledged]
            applied = [one.applied_seconds for one in self.effects_of.get(unique_id, ())]
            if acknowledged and applied and min(applied) >= 0:
                yield max(0.0, min(applied) - min(acknowledged))
