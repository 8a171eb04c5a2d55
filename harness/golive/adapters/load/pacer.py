"""Keeps the schedule: spawns a greenlet for each arrival when it is due, whatever the target does.

Belongs to a generating process.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import quote_plus

import gevent
from gevent.event import Event

from golive.adapters.load.client import CONNECT_TIMEOUT_SECONDS, Client
from golive.adapters.load.order import Order
from golive.adapters.load.tally import Reading, Tally
from golive.model.answer import mismatch
from golive.model.load.traffic import Arrival, Kind, arrivals, fields_of, share_of, unique_id_of
from golive.model.ports import Reply
from golive.model.target import ExpectedAnswer

YIELD_EVERY = 20
REQUEST_ID = "x-request-id"
FIRST_CLIENT_ERROR, FIRST_SERVER_ERROR = 400, 500


@dataclass(frozen=True)
class Share:
    """From when on a worker takes which part of what is due."""

    from_seconds: float
    index: int
    workers: int


class Sender:
    """Sends one arrival and holds its answer against what the target file says."""

    def __init__(self, order: Order, tally: Tally) -> None:
        self._order = order
        self._tally = tally
        self._client = Client(order.url, order.plan.most_in_flight, order.ca_file)

    def send(self, arrival: Arrival, due: float) -> None:
        """Send it now; `due` is when it should have been, on the monotonic clock."""
        # The form is made before the clock runs: what it costs counts as lateness.
        form = _encoded(fields_of(arrival, self._order.signing))
        begun = time.monotonic()
        reply, problem = self._exchange(form)
        taken, late = time.monotonic() - begun, begun - due
        reading = Reading(problem, answered=False) if reply is None else self._read(arrival, reply)
        # An id by which the target's own logs can be searched, where it gives one.
        named = replace(reading, request_id=reply.headers.get(REQUEST_ID, "") if reply else "")
        self._tally.answered(arrival, named, late_seconds=late, taken_seconds=taken)

    def _exchange(self, form: bytes) -> tuple[Reply | None, str]:
        try:
            with gevent.Timeout(self._order.plan.timeout_seconds):
                return self._client.post(form), ""
        except gevent.Timeout:
            return None, "no answer in time"
        # Whatever goes wrong on the way is one more request that failed.
        except Exception as error:  # noqa: BLE001
            return None, type(error).__name__

    def _read(self, arrival: Arrival, reply: Reply) -> Reading:
        unique_id = unique_id_of(self._order.signing.seed, arrival.about)
        forged = arrival.kind is Kind.FORGED
        for name, wanted in (("new", self._order.new), ("known", self._order.duplicate)):
            answer = _of_form(wanted) if arrival.kind is Kind.WPF else wanted
            if not mismatch(answer, reply, unique_id=unique_id):
                return Reading(f"{reply.status} {name}", good=not forged, acknowledged=True)
        refused = FIRST_CLIENT_ERROR <= reply.status < FIRST_SERVER_ERROR
        return Reading(str(reply.status), good=forged and refused)


def _encoded(fields: Mapping[str, str]) -> bytes:
    """A form, in a quarter of the time of `urlencode`: most values are digits and letters."""
    return "&".join(
        f"{name}={value if value.isascii() and value.isalnum() else quote_plus(value)}"
        for name, value in fields.items()
    ).encode()


def _of_form(wanted: ExpectedAnswer) -> ExpectedAnswer:
    """How the notification of a payment form is answered: its id is in an element of its own."""
    body = "{unique_id}" if "{unique_id}" in wanted.body else wanted.body
    return ExpectedAnswer(wanted.status, body, wanted.header)


class Pacer:
    """The schedule of one process."""

    def __init__(self, order: Order, tally: Tally, sender: Sender) -> None:
        self.done = Event()
        self._tally = tally
        self._sender = sender
        self._plan = order.plan
        self._seed = order.seed
        self._in_flight: set[gevent.Greenlet] = set()
        self._rest = self._arrivals()
        self._shares: list[Share] = []
        self._start = 0.0
        self._began = Event()
        self._stopped = False

    def share(self, share: Share, in_seconds: float) -> None:
        """Take a part of a load that begins in so many seconds."""
        self._shares.append(share)
        if not self._began.is_set():
            self._start = time.monotonic() + in_seconds
            self._began.set()

    def stop(self) -> None:
        """Send no more."""
        self._stopped = True
        self._began.set()

    @property
    def in_flight(self) -> int:
        """How many requests have no answer yet."""
        return len(self._in_flight)

    @property
    def elapsed(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self._start if self._began.is_set() else 0.0

    def drain(self) -> None:
        """Wait for the answers of what was sent."""
        patience = self._plan.timeout_seconds + CONNECT_TIMEOUT_SECONDS
        gevent.joinall(list(self._in_flight), timeout=patience)

    def keep(self) -> None:
        """Send everything that is this process's."""
        self._began.wait()
        if not self._stopped:
            self._send_all()
        self.done.set()

    def _arrivals(self) -> Iterator[Arrival]:
        return arrivals(self._plan, Random(self._seed))  # noqa: S311 - a schedule, no secret

    def _send_all(self) -> None:
        behind = 0
        for arrival in self._rest:
            if not self._is_ours(arrival):
                continue
            due = self._start + arrival.due_seconds
            wait = due - time.monotonic()
            behind = 0 if wait > 0 else behind + 1
            if wait > 0 or behind % YIELD_EVERY == 0:
                gevent.sleep(max(0.0, wait))
            if self._stopped:
                return
            self._spawn(arrival, due)

    def _spawn(self, arrival: Arrival, due: float) -> None:
        free = len(self._in_flight) < self._plan.most_in_flight
        self._tally.scheduled(arrival, sent=free)
        if free:
            sending = gevent.spawn(self._sender.send, arrival, due)
            self._in_flight.add(sending)
            sending.rawlink(self._in_flight.discard)

    def _is_ours(self, arrival: Arrival) -> bool:
        share = next(one for one in reversed(self._shares) if _holds(one, arrival))
        return share.index >= 0 and share_of(arrival.number, share.index, share.workers)


def _holds(share: Share, arrival: Arrival) -> bool:
    return arrival.due_seconds >= share.from_seconds
