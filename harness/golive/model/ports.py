"""What a scenario is handed, as protocols: catalog files see these, adapters fill them in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from golive.model.audit_ports import AuditPort
from golive.model.contract import ContractPort
from golive.model.drill import Planned, Workload
from golive.model.evidence import Ending, StepRecord
from golive.model.facts import Fact
from golive.model.fault import FaultsPort
from golive.model.history.records import Delivery
from golive.model.load.records import Beat, Result
from golive.model.load.traffic import Arrival, LoadPlan
from golive.model.monitoring.ports import WatchPort
from golive.model.notification import Hash, Notification
from golive.model.raw import RawPort
from golive.model.target import Target

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `milliseconds` runs to its last byte, header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float


@dataclass(frozen=True)
class File:
    """A file of a multipart form."""

    field: str
    name: str
    content: bytes
    content_type: str = "text/csv"


@dataclass(frozen=True)
class Debtor:
    """A row of an upload. Amounts are whole cents everywhere inside golive."""

    iban: str
    name: str
    amount_cents: int


@dataclass(frozen=True)
class Uploaded:
    """What the target made of an upload; `status` and `created` are its own words and count."""

    id: str
    status: str
    created: int | None


@dataclass(frozen=True)
class Listed:
    """The debtors that the target lists; `problem` says why its answer is no such list."""

    debtors: tuple[Debtor, ...]
    problem: str = ""


@dataclass(frozen=True)
class Stored:
    """An object as it lies in the bucket."""

    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Objects:
    """What the bucket holds for an upload; `answer` is the store's word where it refused to say."""

    stored: tuple[Stored, ...]
    answer: str = ""


@dataclass(frozen=True)
class QueueDepth:
    """Raw lengths of one queue and its registries, in jobs; None where this kind keeps no count."""

    name: str
    waiting: int
    running: int
    scheduled: int
    finished: int | None
    failed: int | None


@dataclass(frozen=True)
class LoggedEffect:
    """An effect of a notification: how long ago it was applied, its payment's state now."""

    unique_id: str
    seconds_ago: float
    state: str


@dataclass(frozen=True)
class Sheet:
    """A file to upload: its rows and the same as CSV."""

    name: str
    rows: tuple[Debtor, ...]
    content: bytes


class OpenOperation(Protocol):
    """An invoked operation; exactly one of the three completes it."""

    @property
    def number(self) -> int:
        """The number that pairs invoke and completion."""

    def ok(self, **facts: Fact) -> None:
        """It took effect."""

    def fail(self, **facts: Fact) -> None:
        """It did not take effect."""

    def info(self, **facts: Fact) -> None:
        """Nobody knows."""


class Recorder(Protocol):
    """Where adapters record what they ask of the target."""

    def operation(self, name: str, **facts: Fact) -> AbstractContextManager[OpenOperation]:
        """Record an invoke; left open by an exception, the operation is completed as `info`."""


class StepLedger(Recorder, Protocol):
    """The part of the ledger that belongs to one step."""

    def see(self, seen: Any) -> None:
        """Keep one piece of evidence, resting on the operations since the one before it."""

    def attach(self, name: str, content: bytes) -> str:
        """Save bytes as evidence; returns the path within the run folder."""

    def finish(self, ending: Ending, detail: str = "", traceback: str = "") -> StepRecord:
        """Close the step and save its record."""


class RunLedger(Protocol):
    """The open ledger of a run."""

    def step(self, process: str) -> StepLedger:
        """The part that belongs to one step."""


class HttpPort(Protocol):
    """HTTP calls; a connection that cannot be made raises `UnreachableError`."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Sequence[File] = (),
        timeout_seconds: float = 10.0,
    ) -> Reply:
        """Send one request; redirects are not followed. `form` accompanies `files` if given."""


class SqlPort(Protocol):
    """The target's own answers about its database."""

    def effects(self, unique_id: str) -> int:
        """How often the effect of a notification was applied."""

    def state(self, unique_id: str) -> str | None:
        """The state of a notification's transaction, None where there is none."""

    def effect_log(self, unique_ids: Sequence[str]) -> tuple[LoggedEffect, ...]:
        """Every effect of these notifications."""

    def connections(self) -> int:
        """How many connections the database has now."""

    def debtors(self, upload_id: str) -> tuple[Debtor, ...]:
        """The debtors of an upload in the file's order."""


class QueuePort(Protocol):
    """The queue's Redis by raw keys: libraries' own counters clean up while they count."""

    def depths(self) -> tuple[QueueDepth, ...]:
        """The lengths of every named queue."""

    def workers(self) -> int | None:
        """How many workers are registered, None where the kind of queue does not say."""

    def oldest_seconds(self) -> float | None:
        """How long the longest waiting of the next jobs has waited, None where no queue says."""

    def memory_bytes(self) -> int:
        """How much memory the data of its Redis takes."""


class ObjectsPort(Protocol):
    """The bucket."""

    def find(self, upload_id: str) -> Objects:
        """Objects that belong to an upload, read whole and hashed."""


class UploadsPort(Protocol):
    """The upload calls of the target."""

    def sample(self, rows: int) -> Sheet:
        """A file with valid IBANs and names that carry the marker; no two runs share a row."""

    def send(self, sheet: Sheet, *, node_url: str | None = None) -> Reply:
        """Send a file through the balancer, or to one node."""

    def accepted_id(self, reply: Reply) -> str | None:
        """The id in an answer to `send`, None where the target did not accept the file."""

    def status(self, upload_id: str) -> Uploaded:
        """Ask for the status."""

    def settled(self, upload_id: str, *, within_seconds: float) -> Uploaded:
        """The status once it is final, or the last one seen when the time is over."""

    def download(self, upload_id: str, *, node_url: str | None = None) -> Reply:
        """Fetch the file again, through the balancer or from one node."""

    def debtors(self, upload_id: str) -> Listed:
        """The debtors that the target lists."""


class WebhookPort(Protocol):
    """The webhook of the target."""

    def sample(self, *, status: str = "approved", event: str = "") -> Notification:
        """A notification about a transaction that no other run knows."""

    def signature(self, unique_id: str, algorithm: Hash | None = None) -> str:
        """The signature of an id, by the target's hash or another."""

    def send(self, notification: Notification) -> Reply:
        """Sign a notification with the target's password and deliver it through the balancer."""


class CampaignPort(Protocol):
    """Deliveries under way in the background."""

    @property
    def lag_seconds(self) -> float:
        """How late golive itself was at the worst: answers may seem that much slower."""

    def finish(self, within_seconds: float) -> tuple[Delivery, ...]:
        """All deliveries, once everything has its echo or the time is over."""

    def stop(self) -> None:
        """Deliver no more."""


class ProviderPort(Protocol):
    """The payment provider: delivers until it has its echo."""

    def begin(
        self, planned: Sequence[Planned], workload: Workload, clock: Callable[[], float]
    ) -> CampaignPort:
        """Deliver in the background; `clock` gives the times of deliveries, in seconds."""


class GeneratingPort(Protocol):
    """A load under way."""

    def beats(self) -> Iterator[Beat]:
        """How it goes on, until everything has been told."""

    def stop(self) -> None:
        """Send no more; what is under way may still be answered."""

    def result(self) -> Result:
        """What was measured, once `beats` has come to its end."""


class LoadPort(Protocol):
    """Load from processes of its own: arrivals are due whether or not the target answers."""

    def begin(self, plan: LoadPlan) -> AbstractContextManager[GeneratingPort]:
        """Load the target while the block lasts."""

    def begin_bare(self, plan: LoadPlan) -> AbstractContextManager[GeneratingPort]:
        """Load a server that does nothing, the same way: what this machine can do."""

    def arrivals(self, plan: LoadPlan) -> Iterator[tuple[str, Arrival]]:
        """Everything that a load sends to the target, by the id of its payment."""


class Gate(Protocol):
    """All that a scenario may use. Ports whose capability is missing raise when they are touched;
    a scenario names them in `needs`, so that the plan says so first.
    """

    @property
    def target(self) -> Target:
        """The target file."""

    @property
    def marker(self) -> str:
        """Marks test data, so that a person can tell it from real data: `golive-<run>`."""

    @property
    def http(self) -> HttpPort:
        """HTTP calls."""

    @property
    def uploads(self) -> UploadsPort:
        """The upload calls."""

    @property
    def webhook(self) -> WebhookPort:
        """The webhook."""

    @property
    def sql(self) -> SqlPort:
        """The database."""

    @property
    def queue(self) -> QueuePort:
        """The queue."""

    @property
    def objects(self) -> ObjectsPort:
        """The bucket."""

    @property
    def provider(self) -> ProviderPort:
        """The payment provider."""

    @property
    def load(self) -> LoadPort:
        """Load on the webhook."""

    @property
    def faults(self) -> FaultsPort:
        """What breaks the target, and heals it."""

    @property
    def raw(self) -> RawPort:
        """Requests as bytes."""

    @property
    def contract(self) -> ContractPort:
        """The OpenAPI contract, and the target held against it."""

    @property
    def audit(self) -> AuditPort:
        """Settings, files, doors and logs."""

    @property
    def watch(self) -> WatchPort:
        """What goes on while the target is watched."""

    @property
    def seed(self) -> str:
        """What everything random is drawn from that must be the same when a run is repeated."""

    def url(self, path: str) -> str:
        """An address at the balancer."""

    def attach(self, name: str, content: bytes) -> str:
        """Keep bytes as a file of the evidence and return its path within the run folder."""

    def until(
        self, ask: Callable[[], T], satisfied: Callable[[T], bool], *, within_seconds: float
    ) -> T:
        """Ask until the answer satisfies or the time is over; return the last answer."""
