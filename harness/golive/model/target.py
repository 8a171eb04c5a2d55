"""A target: everything about a deployment that a scenario needs, read from one TOML file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from golive.model.audit import Audit
from golive.model.contract import Contract
from golive.model.deploying import Deploy
from golive.model.monitoring.sections import Monitor
from golive.model.section import Section
from golive.model.slo import Slo

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class Capability(StrEnum):
    """Something the target lets us do; the value is the section that grants it."""

    HTTP = "target"
    UPLOADS = "uploads"
    WEBHOOK = "webhook"
    SQL = "observe.sql"
    REDIS = "observe.queue"
    S3 = "observe.s3"
    LOGS = "observe.logs"
    METRICS = "observe.metrics"
    TOXICS = "faults.toxiproxy"
    PROCESSES = "faults.processes"


@dataclass(frozen=True)
class Call:
    """One HTTP call of the target: `POST /api/uploads`, the path may hold `{id}`."""

    method: str
    path: str

    @classmethod
    def parse(cls, line: str) -> "Call":
        """Split `METHOD /path`."""
        method, _, path = line.partition(" ")
        return cls(method, path)


@dataclass(frozen=True)
class TargetSection(Section):
    """Section `[target]`: where the deployment is and what may be done to it."""

    name: str
    base_url: str
    environment: Literal["local", "staging", "production"]
    allow: tuple[str, ...] = ("smoke",)
    health: str = "/health"
    ca_file: str | None = None
    """The certificate authority to trust at `base_url`, if it is one of your own."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Parts that this deployment lacks and why: `{pgbouncer = "not to be had without root"}`."""


@dataclass(frozen=True)
class UploadAnswer(Section):
    """Where things are in the answers of the upload calls (dotted paths into the JSON)."""

    accepted: int = 202
    id: str = "id"
    status: str = "status"
    waiting: tuple[str, ...] = ("pending", "processing")
    done: tuple[str, ...] = ("completed",)
    failed: tuple[str, ...] = ("failed",)
    created: str | None = None


@dataclass(frozen=True)
class UploadRow(Section):
    """Names of a listed row's fields; `unit` says how its amount is written."""

    items: str = ""
    iban: str = "iban"
    name: str = "name"
    amount: str = "amount"
    unit: Literal["cents", "decimal"] = "cents"


@dataclass(frozen=True)
class UploadColumns(Section):
    """Column headers of the CSV that is sent."""

    iban: str = "IBAN"
    name: str = "Name"
    amount: str = "Amount"


@dataclass(frozen=True)
class Uploads(Section):
    """Section `[uploads]`: the calls, what is sent and what comes back."""

    create: str
    status: str
    download: str | None = None
    listing: str | None = None
    debtors: str | None = None
    file_field: str = "file"
    fields: Mapping[str, str] = field(default_factory=dict)
    columns: UploadColumns = UploadColumns()
    answer: UploadAnswer = UploadAnswer()
    row: UploadRow = UploadRow()
    token_env: str | None = None
    token_header: str = "Authorization"  # noqa: S105 - a header's name
    token_prefix: str = "Bearer "  # noqa: S105 - what stands before the token


@dataclass(frozen=True)
class ExpectedAnswer(Section):
    """What an answer looks like: its status and, where given, a part of the body and a header.

    `{unique_id}` in `body` stands for the notification's id.
    """

    status: int = 200
    body: str = ""
    header: str = ""


@dataclass(frozen=True)
class Webhook(Section):
    """Section `[webhook]`: where notifications go, how they are signed, how they are answered."""

    path: str
    password_env: str
    signature: Literal["sha1", "sha256", "sha512"] = "sha1"
    new: ExpectedAnswer = ExpectedAnswer()
    duplicate: ExpectedAnswer = ExpectedAnswer()
    gateway_url: str | None = None


@dataclass(frozen=True)
class ObserveSql(Section):
    """Section `[observe.sql]`: one query for each question, asked in a read-only transaction."""

    dsn_env: str
    effects: str | None = None
    """How often was the effect of notification `:unique_id` applied? One number."""
    effect_log: str | None = None
    """Every effect of the notifications `:unique_ids` (an array of text): unique id, when it was
    applied (a timestamp with time zone), and the state that its payment is in now.
    """
    state: str | None = None
    """The state of `:unique_id` now. One word."""
    approved: str = "approved"
    """The word with which `state` says that the transaction was approved."""
    debtors: str | None = None
    """Columns iban, name, amount of the debtors of upload `:id`, in the file's order."""
    object_key: str | None = None
    """The object's key of upload `:id`, where `[observe.s3] key` cannot say it."""
    unit: Literal["cents", "decimal"] = "cents"


@dataclass(frozen=True)
class ObserveQueue(Section):
    """Section `[observe.queue]`: the queue's Redis, observed by raw keys."""

    kind: Literal["rq", "laravel"]
    url_env: str
    names: tuple[str, ...]
    prefix: str = ""


@dataclass(frozen=True)
class ObserveS3(Section):
    """Section `[observe.s3]`: the bucket that uploads are stored in."""

    endpoint: str
    bucket: str
    key_env: str
    secret_env: str
    key: str | None = None
    """The object's key of an upload, with `{id}`; `*` stands for any characters."""
    region: str = "us-east-1"


@dataclass(frozen=True)
class ObserveLogs(Section):
    """Section `[observe.logs]`: log files of the service, or a command that prints them."""

    files: tuple[str, ...] = ()
    command: str | None = None


@dataclass(frozen=True)
class ObserveMetrics(Section):
    """Section `[observe.metrics]`: Prometheus endpoints, and which metric says what."""

    url: str
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Where every node has its own; `url` stands for all of them where it is empty."""
    machines: Mapping[str, str] = field(default_factory=dict)
    """Of node_exporter."""
    latency: str | None = None
    """The histogram of answers in seconds, and its labels."""
    route_label: str = "route"
    status_label: str = "status"
    webhook_route: str | None = None
    queue_oldest: str | None = None
    jobs_done: str | None = None
    jobs_failed: str | None = None
    accepted: str | None = None
    """The counter of notifications that were new and have got a job; of every node its own."""
    accepted_queue: str = "webhooks"
    """The queue of those jobs: the label `queue` of the metrics of jobs."""
    jobs_open: tuple[str, ...] = ()
    """Gauges of jobs that wait, run, or are to be tried again."""


@dataclass(frozen=True)
class ObserveFootprint(Section):
    """Section `[observe.footprint]`: what the service takes of its machines while it works, by two
    commands of the operator's own, which a shell runs.
    """

    memory: str
    """Prints a line `name bytes` for each of its processes: the resident memory."""
    temporary: str
    """Prints a line for each of its temporary files."""
    limit_bytes: int = 300_000_000
    """The most that one process may take."""


@dataclass(frozen=True)
class Observe(Section):
    """Section `[observe.*]`: what may be looked at, each part optional."""

    sql: ObserveSql | None = None
    queue: ObserveQueue | None = None
    s3: ObserveS3 | None = None
    logs: ObserveLogs | None = None
    metrics: ObserveMetrics | None = None
    footprint: ObserveFootprint | None = None


@dataclass(frozen=True)
class FaultsToxiproxy(Section):
    """Section `[faults.toxiproxy]`: which proxy stands before which service."""

    api: str
    proxies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProcessControl(Section):
    """Commands for one role. `kill` is SIGKILL; after it, and after `terminate` and `restart`, the
    role must come back by itself. `status` prints running, paused or stopped.
    """

    status: str
    start: str
    kill: str | None = None
    terminate: str | None = None
    restart: str | None = None
    pause: str | None = None
    resume: str | None = None
    stop: str | None = None


@dataclass(frozen=True)
class FaultCommand(Section):
    """Section `[faults.commands.NAME]`: what breaks something, and what mends it again."""

    begin: str
    end: str
    touches: str
    """The blast radius in words: `the memory limit of the queue's Redis`."""


@dataclass(frozen=True)
class Faults(Section):
    """Section `[faults.*]`: what may be broken, each part optional."""

    toxiproxy: FaultsToxiproxy | None = None
    processes: Mapping[str, ProcessControl] | None = None
    commands: Mapping[str, FaultCommand] | None = None


@dataclass(frozen=True)
class Target(Section):
    """A whole target file."""

    target: TargetSection
    nodes: Mapping[str, str] = field(default_factory=dict)
    uploads: Uploads | None = None
    webhook: Webhook | None = None
    observe: Observe = Observe()
    faults: Faults = Faults()
    contract: Contract = Contract()
    audit: Audit = Audit()
    monitor: Monitor = Monitor()
    slo: Slo = Slo()
    deploy: Deploy | None = None

    def has(self, key: str) -> bool:
        """Whether the dotted key (`observe.sql.debtors`) is filled in."""
        return self.at(key) is not None

    def at(self, key: str) -> Any:
        """The value at a dotted key, None where it, or a section above it, is missing."""
        value: Any = self
        for name in key.split("."):
            value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        return value

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this target lets us do."""
        return frozenset(capability for capability in Capability if self.has(capability.value))
