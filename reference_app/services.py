"""What the routes of one API node work with, built once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from reference_app.billing.store import BillingStore
from reference_app.bucket import PROBE_TIMEOUT_S, Bucket, Threads
from reference_app.database import Database
from reference_app.queueing.claim import JobQueue
from reference_app.settings import Settings
from reference_app.uploads.store import UploadStore

PROBE_THREADS = 2
UPLOADS_AT_ONCE = 16
"""Per node; each holds some 25 MB while it runs. One more waits, and is told 503 if for long."""


@dataclass
class Lifecycle:
    """Whether the node is leaving, and the requests it must finish before."""

    draining: bool = False
    in_flight: set[int] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def began(self, request: object) -> None:
        """Note a request that must be finished."""
        self.in_flight.add(id(request))

    def ended(self, request: object) -> None:
        """Forget a request; harmless when it was forgotten before."""
        self.in_flight.discard(id(request))
        self._changed.set()

    async def finish(self, limit_s: float) -> None:
        """Wait until nothing is in flight, or the time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self.in_flight:
                    self._changed.clear()
                    await self._changed.wait()


@dataclass(frozen=True)
class Services:
    """One node's connections and state."""

    settings: Settings
    lifecycle: Lifecycle
    database: Database
    queue: JobQueue
    uploads: UploadStore
    billing: BillingStore
    bucket: Bucket
    threads: Threads
    upload_threads: Threads
    """One for each upload under way: it waits for its caller, which must delay nobody else."""
    probe_bucket: Bucket
    """Impatient, for readiness."""
    probe_threads: Threads
    """Its own, so that slow uploads do not make the node look unready, nor probes slow uploads."""

    async def close(self) -> None:
        """Close what is open."""
        await asyncio.gather(
            self.threads.close(), self.upload_threads.close(), self.probe_threads.close()
        )
        await self.queue.close()
        await self.database.close()


def build_services(settings: Settings) -> Services:
    """Build everything; nothing connects yet, so a node starts while others are still away."""
    database = Database(settings)
    return Services(
        settings=settings,
        lifecycle=Lifecycle(),
        database=database,
        queue=JobQueue(settings),
        uploads=UploadStore(database),
        billing=BillingStore(database),
        bucket=Bucket(settings),
        threads=Threads(),
        upload_threads=Threads(UPLOADS_AT_ONCE),
        probe_bucket=Bucket(settings, read_timeout_s=PROBE_TIMEOUT_S),
        probe_threads=Threads(PROBE_THREADS),
    )
