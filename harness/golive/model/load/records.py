"""What a load has measured. As evidence it is rows of tables."""

from dataclasses import dataclass

from golive.model.facts import Row

ALL = "all"
"""The name of the row that holds all stages together."""

FELT, TAKEN = "felt", "taken"
"""Latency from when a request was due, and from when it was sent."""

CPU, REDIS, CONNECTIONS = "processor seconds", "Redis bytes", "Postgres connections"
STOLEN = "stolen seconds"
"""What is looked at while a load lasts. Stolen is what the host of a virtual machine gave to
others: the mean of all processors, since the machine began.
"""

SLOWEST = 20
"""How many of the slowest requests are kept."""


@dataclass(frozen=True)
class Measured:
    """One stage. `felt` runs from the moment at which a request was due, `taken` from when it was
    sent. `low` and `high` enclose a percentile with 95 % confidence.

    Of all `scheduled`, some were `sent`, the others `dropped`: too many had no answer yet. `late`
    were sent more than 5 ms after they were due; `failed` were answered wrongly or not at all, of
    which `faulty` had an answer.
    """

    stage: str
    began_seconds: float
    seconds: float
    to_per_second: float
    may_be_slow: bool
    scheduled: int
    sent: int
    dropped: int
    late: int
    answered: int
    failed: int
    faulty: int
    felt_p50_ms: float
    felt_p95_ms: float
    felt_p95_low_ms: float
    felt_p95_high_ms: float
    felt_p99_ms: float
    felt_p99_low_ms: float
    felt_p99_high_ms: float
    felt_max_ms: float
    taken_p95_ms: float
    taken_p95_low_ms: float
    taken_p99_ms: float
    taken_p99_low_ms: float
    late_p99_ms: float


@dataclass(frozen=True)
class Second:
    """The requests that were due within one second."""

    second: int
    scheduled: int
    sent: int
    dropped: int
    failed: int
    felt_p50_ms: float
    felt_p95_ms: float
    felt_p99_ms: float
    felt_max_ms: float
    histogram: str
    late: int = 0


@dataclass(frozen=True)
class Slow:
    """One of the slowest requests, with the ids by which the target's own logs know it: that of its
    payment and, where its answer had one, that of the request.
    """

    felt_ms: float
    number: int
    stage: str
    kind: str
    due_seconds: float
    taken_ms: float
    answer: str
    request_id: str
    unique_id: str = ""


@dataclass(frozen=True)
class Beat:
    """How a load goes on: totals of all processes so far."""

    elapsed_seconds: float
    sent: int
    answered: int
    failed: int
    dropped: int
    late: int
    in_flight: int


@dataclass(frozen=True)
class Result:
    """What the generating processes have measured; `histograms` are rows of stage, what was timed
    (felt, taken, lateness) and the HDR histogram in base64.

    `problem` says why it is not all there (empty = it is).
    """

    stages: tuple[Measured, ...]
    seconds: tuple[Second, ...]
    histograms: tuple[Row, ...]
    answers: tuple[Row, ...]
    acknowledged: tuple[int, ...]
    workers: int
    cpu_percent: float
    problem: str = ""
    slowest: tuple[Slow, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """Evidence of a load. Tables hold rows of `Measured`, `Second` and `SentFile`.

    `bare` is a server that does nothing, loaded the same way on the same machine. `queue` is
    rows of a second and of jobs that wait, `memory` of a second, bytes and the node. `wrong` are
    effects that were lost, doubled or not asked for. `drained_seconds` is -1 where the queue never
    was empty again.
    """

    seed: str
    no_errors: bool
    planned: int
    stages: tuple[Row, ...]
    seconds: tuple[Row, ...]
    histograms: tuple[Row, ...]
    answers: tuple[Row, ...]
    bare: tuple[Row, ...]
    queue: tuple[Row, ...]
    memory: tuple[Row, ...]
    files: tuple[Row, ...]
    wrong: tuple[Row, ...]
    wrong_count: int
    owed: int
    applied: int
    drained_seconds: float
    workers: int
    cpu_percent: float
    stopped: str = ""
    """Why it was ended before its time."""
    processor_share: float = 1.0
    """How much of a processor was to be had on the target's machine, where that is ours: what other
    work leaves.
    """
    problem: str = ""
    """Why the generating processes did not measure everything."""
    began: str = ""
    """When it began, in UTC, ISO 8601."""
    slowest: tuple[Row, ...] = ()
    """Rows of `Slow`."""
    queue_ages: tuple[Row, ...] = ()
    """Rows of a second of `queue` and of how many seconds the oldest job had waited then, where the
    queue says.
    """
    planned_files: int = 0
    payments: int = 0
    asked_payments: int = 0
    """Of all payments, those whose effect was looked up."""
    resources: tuple[Row, ...] = ()
    """Rows of what was looked at, a second, and how much of it there was."""


def number(value: object) -> float:
    """A cell of a row as a number; 0 where it is none."""
    return float(value) if isinstance(value, int | float) else 0.0
