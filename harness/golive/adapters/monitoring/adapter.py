"""The `watch` of one step."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from golive.adapters.monitoring.certificates import certificate_at
from golive.adapters.monitoring.exposition import samples_of
from golive.adapters.monitoring.log_tails import LogTails
from golive.adapters.monitoring.machine import machine_of
from golive.errors import UnreachableError
from golive.model.monitoring.ports import Certificate, LogTail, Machine, Scrape, Watching
from golive.model.monitoring.records import Probe, WatchOrder
from golive.model.notification import Notification, form_of
from golive.model.ports import HttpPort, Recorder, WebhookPort
from golive.model.target import Target

TIMEOUT_SECONDS = 5.0
WELL = 200


class Reach(Protocol):
    """What of a step's gate is used here."""

    @property
    def target(self) -> Target:
        """The target file."""

    @property
    def http(self) -> HttpPort:
        """HTTP calls."""

    @property
    def webhook(self) -> WebhookPort:
        """The webhook."""

    def url(self, path: str) -> str:
        """An address at the balancer."""


class WatchAdapter:
    """What goes on while a target is watched, seen by one step."""

    def __init__(
        self,
        reach: Reach,
        watching: Watching,
        scenario: str,
        recorder: Recorder,
        scrapes: dict[str, Scrape],
    ) -> None:
        self.at_seconds = round(watching.now_seconds(), 3)
        self.order: WatchOrder = watching.order
        self._reach = reach
        self._watching = watching
        self._scenario = scenario
        self._recorder = recorder
        self._scrapes = scrapes

    def probes(self) -> tuple[Probe, ...]:
        """The light probes that ended since the last look of this scenario."""
        before = self._watching.before(self._scenario)
        after = float(before[-1]["at_seconds"]) if before else 0.0  # type: ignore[arg-type]
        with self._recorder.operation("PROBES", after_seconds=after) as operation:
            found = self._watching.probes_between(after, self.at_seconds)
            operation.ok(probes=len(found), failed=sum(bool(one.wrong) for one in found))
        return found

    def nodes(self) -> tuple[Scrape, ...]:
        """The metrics of every node. Raises UnreachableError where none answers."""
        metrics = self._reach.target.observe.metrics
        if metrics is None:
            return ()
        found = self._scraped(metrics.nodes or {"nodes": metrics.url})
        if all(one.error for one in found):
            told = "; ".join(f"{one.place}: {one.error}" for one in found)
            raise UnreachableError("metrics", metrics.url, told)
        return found

    def machines(self) -> tuple[Scrape, ...]:
        """The metrics of every machine that the target file names."""
        metrics = self._reach.target.observe.metrics
        return self._scraped(metrics.machines) if metrics else ()

    def own_machine(self) -> Machine | None:
        """The machine of a local target; None where the target is elsewhere."""
        target = self._reach.target
        if target.target.environment != "local":
            return None
        with self._recorder.operation("MACHINE") as operation:
            machine = machine_of(target.observe.logs.files if target.observe.logs else ())
            operation.ok(memory_free_ratio=machine.memory_free_ratio, disks=len(machine.disks))
        return machine

    def logs(self) -> tuple[LogTail, ...]:
        """What was added to the logs since the last look."""
        section = self._reach.target.observe.logs
        before = self._watching.before(self._scenario)
        begun = {str(facts["place"]): str(facts["begun"]) for facts in before}
        with self._recorder.operation("LOGS") as operation:
            tails = LogTails(section, begun).read() if section else ()
            operation.ok(files=len(tails), lines=sum(one.lines for one in tails))
        return tails

    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of every https:// address of the target file."""
        target = self._reach.target
        addresses = (target.target.base_url, *target.nodes.values())
        places = dict.fromkeys(
            (parts.hostname or "", parts.port or 443)
            for parts in map(urlsplit, addresses)
            if parts.scheme == "https"
        )
        with self._recorder.operation("TLS", addresses=len(places)) as operation:
            found = tuple(certificate_at(host, port) for host, port in places)
            operation.ok(seen=sum(not one.error for one in found))
        return found

    def forge(self) -> tuple[int, float]:
        """Send a notification with a wrong signature: status, and milliseconds."""
        section = self._reach.target.webhook
        if section is None:
            raise LookupError("the target file has no [webhook]")
        sample: Notification = self._reach.webhook.sample()
        form = form_of(sample, "a password that nobody has", section.signature)
        reply = self._reach.http.request(
            "POST", self._reach.url(section.path), form=form, timeout_seconds=TIMEOUT_SECONDS
        )
        return reply.status, reply.milliseconds

    def _scraped(self, places: Mapping[str, str]) -> tuple[Scrape, ...]:
        asked = {place: url for place, url in places.items() if url not in self._scrapes}
        for place, url in asked.items():
            self._scrapes[url] = self._scrape(place, url)
        found = tuple(replace(self._scrapes[url], place=place) for place, url in places.items())
        # What another check of this look has read is what this one goes by: its evidence, too.
        with self._recorder.operation("METRICS", places=len(places)) as operation:
            operation.ok(asked=len(asked), silent=sum(bool(one.error) for one in found))
        return found

    def _scrape(self, place: str, url: str) -> Scrape:
        try:
            reply = self._reach.http.request("GET", url, timeout_seconds=TIMEOUT_SECONDS)
        except UnreachableError as error:
            return Scrape(place, error=error.reason)
        if reply.status != WELL:
            return Scrape(place, error=f"answered {reply.status}")
        try:
            return Scrape(place, samples_of(reply.body))
        except ValueError as error:
            return Scrape(place, error=f"no metrics of Prometheus: {error}")
