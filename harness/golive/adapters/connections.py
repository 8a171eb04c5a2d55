"""Opens what a target offers, once a run, and hands each step its own recorded view of it."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from golive.adapters.contract.shared import Shared
from golive.adapters.entrance import Entrance
from golive.adapters.faults.abandoned import journals_folder
from golive.adapters.http import HttpAdapter, http_client
from golive.adapters.raw_http import Credentials, RawAdapter
from golive.adapters.step import StepIdentity
from golive.adapters.uploads import UploadsAdapter
from golive.adapters.waiting import until
from golive.adapters.webhook import WebhookAdapter
from golive.model.monitoring.ports import NoWatch, Scrape, Watching
from golive.model.plan import Step
from golive.model.ports import StepLedger
from golive.model.target import Capability, Target

# What a target offers is imported when it is first used: a small target waits for no client of
# servers that it has not.
if TYPE_CHECKING:
    import psycopg
    import redis
    from minio import Minio

    from golive.adapters import postgres, redis_queue, s3
    from golive.adapters.audit.adapter import AuditAdapter
    from golive.adapters.contract.adapter import ContractAdapter
    from golive.adapters.faults.faults import FaultsAdapter
    from golive.adapters.faults.ward import Ward
    from golive.adapters.load.adapter import LoadAdapter
    from golive.adapters.load.crew import Crew
    from golive.adapters.monitoring.adapter import WatchAdapter
    from golive.adapters.provider import ProviderAdapter

T = TypeVar("T")


def _granted(section: T | None, name: str) -> T:
    if section is None:
        raise LookupError(f"the target file has no [{name}]; the scenario must list it in `needs`")
    return section


class Connections:
    """Clients of one run; opened when first used, closed together."""

    def __init__(
        self,
        target: Target,
        secrets: Mapping[str, str],
        run: str,
        seed: str = "",
        workers: int = 1,
    ) -> None:
        self.target = target
        self.secrets = secrets
        self.run = run
        self.seed = seed
        self.explored = Shared()
        self.workers = workers
        self.crew: Crew | None = None
        """Who makes load, where that is not processes of each load's own."""
        self.watching: Watching = NoWatch()
        """Set by whoever watches."""
        self.scrapes: dict[str, Scrape] = {}
        """Metrics by address: all checks of one look judge the same ones."""
        self._sql: psycopg.Connection | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def gate(self, step: Step, recorder: StepLedger) -> "StepGate":
        """What a scenario is handed."""
        return StepGate(self, StepIdentity(self.run, step.scenario), recorder)

    def reach(self, need: Capability, recorder: StepLedger) -> None:
        """Touch what a capability needs. Raises UnreachableError, within five seconds."""
        gate = StepGate(self, StepIdentity(self.run, "preflight"), recorder)
        probes: Mapping[Capability, Callable[[], object]] = {
            Capability.SQL: lambda: gate.sql.ping(),  # noqa: PLW0108 - connects when called
            Capability.REDIS: lambda: gate.queue.workers() or gate.queue.depths(),
            Capability.S3: lambda: gate.objects.ping(),  # noqa: PLW0108 - likewise
            Capability.TOXICS: lambda: gate.faults.ping(),  # noqa: PLW0108 - likewise
            Capability.PROCESSES: lambda: gate.faults.ask_status(),  # noqa: PLW0108 - likewise
        }
        by_http = (Capability.HTTP, Capability.UPLOADS, Capability.WEBHOOK)
        if need in by_http:
            gate.http.request("GET", gate.url(self.target.target.health), timeout_seconds=5.0)
        elif need in probes:
            probes[need]()

    @cached_property
    def http(self) -> httpx.Client:
        """The HTTP client."""
        return self._open.enter_context(http_client(self.target.target.ca_file))

    @property
    def sql(self) -> "psycopg.Connection":
        """The read-only database connection; another one where a fault has ended the last."""
        from golive.adapters import postgres

        if self._sql is None or self._sql.closed:
            section = _granted(self.target.observe.sql, "observe.sql")
            self._sql = postgres.connect(self.secrets[section.dsn_env])
            self._open.callback(self._sql.close)
        return self._sql

    @cached_property
    def queue(self) -> "redis.Redis":
        """The queue's Redis."""
        from golive.adapters import redis_queue

        section = _granted(self.target.observe.queue, "observe.queue")
        client = redis_queue.connect(self.secrets[section.url_env])
        self._open.callback(client.close)
        return client

    @cached_property
    def objects(self) -> "Minio":
        """The object store."""
        from golive.adapters import s3

        section = _granted(self.target.observe.s3, "observe.s3")
        return s3.connect(section, self.secrets[section.key_env], self.secrets[section.secret_env])

    @cached_property
    def ward(self) -> "Ward":
        """What is broken at the moment; what is left of it at the end is healed then."""
        from golive.adapters.faults.ward import Ward

        ward = Ward(journals_folder())
        self._open.callback(ward.close)
        return ward


class StepGate:
    """The `Gate` of one step."""

    def __init__(self, connections: Connections, step: StepIdentity, recorder: StepLedger) -> None:
        self.target = connections.target
        self.until = until
        self.seed = connections.seed
        self._connections = connections
        self._step = step
        self._recorder = recorder

    @property
    def marker(self) -> str:
        """Marks test data."""
        return self._step.marker

    def url(self, path: str) -> str:
        """An address at the balancer."""
        return f"{self.target.target.base_url}{path}"

    @cached_property
    def http(self) -> HttpAdapter:
        """HTTP calls."""
        return HttpAdapter(self._connections.http, self._recorder)

    @property
    def sql(self) -> "postgres.SqlAdapter":
        """The database."""
        from golive.adapters import postgres

        section = _granted(self.target.observe.sql, "observe.sql")
        return postgres.SqlAdapter(self._connections.sql, section, self._recorder)

    @cached_property
    def queue(self) -> "redis_queue.QueueAdapter":
        """The queue."""
        from golive.adapters import redis_queue

        section = _granted(self.target.observe.queue, "observe.queue")
        return redis_queue.QueueAdapter(self._connections.queue, section, self._recorder)

    @cached_property
    def objects(self) -> "s3.ObjectsAdapter":
        """The bucket."""
        from golive.adapters import s3

        section = _granted(self.target.observe.s3, "observe.s3")
        return s3.ObjectsAdapter(
            self._connections.objects, section, self._object_key, self._recorder
        )

    @cached_property
    def uploads(self) -> UploadsAdapter:
        """The upload calls."""
        section = _granted(self.target.uploads, "uploads")
        token = self._connections.secrets[section.token_env] if section.token_env else ""
        return UploadsAdapter(section, self.http, self.target.target.base_url, token, self._step)

    @cached_property
    def webhook(self) -> WebhookAdapter:
        """The webhook."""
        section = _granted(self.target.webhook, "webhook")
        password = self._connections.secrets[section.password_env]
        return WebhookAdapter(section, self.http, self.target.target.base_url, password, self._step)

    @cached_property
    def provider(self) -> "ProviderAdapter":
        """The payment provider."""
        from golive.adapters.provider import ProviderAdapter

        return ProviderAdapter(self._entrance(), self._recorder)

    @cached_property
    def load(self) -> "LoadAdapter":
        """Load on the webhook."""
        from golive.adapters.load.adapter import Drawn, LoadAdapter

        shared = self._connections
        drawn = Drawn(self.seed, self._step, shared.workers, shared.crew)
        return LoadAdapter(self._entrance(), drawn, self._recorder)

    @cached_property
    def faults(self) -> "FaultsAdapter":
        """What may be broken."""
        from golive.adapters.faults.faults import FaultsAdapter

        return FaultsAdapter(self.target.faults, self._connections.ward, self._recorder)

    @cached_property
    def raw(self) -> RawAdapter:
        """Requests as bytes."""
        credentials = Credentials.of(self.target, self._connections.secrets)
        target = self.target.target
        return RawAdapter(target.base_url, credentials, self._recorder, target.ca_file)

    @cached_property
    def contract(self) -> "ContractAdapter":
        """The OpenAPI contract."""
        from golive.adapters.contract.adapter import Access, ContractAdapter

        shared = self._connections
        uploads = self.uploads if self.target.uploads else None
        access = Access(self.target, shared.secrets, self.seed, uploads)
        return ContractAdapter(access, self.http, self._step, self._recorder, shared.explored)

    @cached_property
    def audit(self) -> "AuditAdapter":
        """Settings, files, doors and logs."""
        from golive.adapters.audit.adapter import AuditAdapter

        return AuditAdapter(
            self.target, self._connections.secrets, lambda: self.sql, self._recorder
        )

    @cached_property
    def watch(self) -> "WatchAdapter":
        """What only watches look at."""
        from golive.adapters.monitoring.adapter import WatchAdapter

        watching, scenario = self._connections.watching, self._step.scenario
        return WatchAdapter(self, watching, scenario, self._recorder, self._connections.scrapes)

    def attach(self, name: str, content: bytes) -> str:
        """Keep bytes as a file of the evidence."""
        return self._recorder.attach(name, content)

    def _entrance(self) -> Entrance:
        section = _granted(self.target.webhook, "webhook")
        password = self._connections.secrets[section.password_env]
        target = self.target.target
        return Entrance(section, f"{target.base_url}{section.path}", password, target.ca_file)

    def _object_key(self, upload_id: str) -> str | None:
        section = _granted(self.target.observe.s3, "observe.s3")
        if section.key is not None:
            return section.key.replace("{id}", upload_id)
        return self.sql.object_key(upload_id)
