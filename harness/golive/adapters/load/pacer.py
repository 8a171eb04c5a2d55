"""Keeps the schedule: spawns a greenlet for each arrival when it is due, whatever the target does.

Belongs to a generating process.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode, urlsplit

import gevent
from gevent.event import Event
from gevent.lock import RLock
from gevent.pool import Pool
from geventhttpclient import HTTPClient

from golive.adapters.load.order import Order
from golive.adapters.load.tally import Reading, Tally
from golive.model.answer import mismatch
from golive.model.load.traffic import Arrival, Kind, arrivals, fields_of, share_of, unique_id_of
from golive.model.ports import Reply
from golive.model.target import ExpectedAnswer

YIELD_EVERY = 20
CONNECT_TIMEOUT_SECONDS = 4.0
MS_IN_SECOND = 1_000
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
FIRST_CLIENT_ERROR, FIRST_SERVER_ERROR = 400, 500

Fire = Callable[[str, float, int, str], None]
"""Tells Locust of a request: its name, its milliseconds, the answer's length, what is wrong."""


@dataclass(frozen=True)
class Share:
    """From when on a worker takes which part of what is due."""

    from_seconds: float
    index: int
    workers: int


class Sender:
    """Sends one arrival and holds its answer against what the target file says."""

    def __init__(self, order: Order, tally: Tally, fire: Fire) -> None:
        self._order = order
        self._tally = tally
        self._fire = fire
        parts = urlsplit(order.url)
        self._path = parts.path or "/"
        # Whatever is said here makes it speak TLS.
        trusted = {"ca_certs": order.ca_file} if parts.scheme == "https" and order.ca_file else None
        self._client = HTTPClient.from_url(
            order.url,
            concurrency=order.plan.most_in_flight,
            connection_timeout=CONNECT_TIMEOUT_SECONDS,
            network_timeout=order.plan.timeout_seconds,
            ssl_options=trusted,
        )

    def send(self, arrival: Arrival, due: float) -> None:
        """Send it now; `due` is when it should have been, on the monotonic clock."""
        # The form is made before the clock runs: what it costs counts as lateness.
        body = urlencode(fields_of(arrival, self._order.signing))
        begun = time.monotonic()
        reply, problem = self._exchange(body)
        taken, late = time.monotonic() - begun, begun - due
        reading = Reading(problem, answered=False) if reply is None else self._read(arrival, reply)
        self._tally.answered(arrival, reading, late_seconds=late, taken_seconds=taken)
        length = len(reply.body) if reply else 0
        problem = "" if reading.good else reading.answer
        self._fire(arrival.kind.value, (late + taken) * MS_IN_SECOND, length, problem)

    def _exchange(self, body: str) -> tuple[Reply | None, str]:
        try:
            with gevent.Timeout(self._order.plan.timeout_seconds):
                response = self._client.request("POST", self._path, body, HEADERS)
                content = bytes(response.read())
        except gevent.Timeout:
            return None, "no answer in time"
        # Whatever goes wrong on the way is one more request that failed.
        except Exception as error:  # noqa: BLE001
            return None, type(error).__name__
        headers = {name.lower(): value for name, value in response.headers}
        return Reply(self._order.url, response.status_code, headers, content, 0.0), ""

    def _read(self, arrival: Arrival, reply: Reply) -> Reading:
        unique_id = unique_id_of(self._order.signing.seed, arrival.about)
        forged = arrival.kind is Kind.FORGED
        for name, wanted in (("new", self._order.new), ("known", self._order.duplicate)):
            answer = _of_form(wanted) if arrival.kind is Kind.WPF else wanted
            if not mismatch(answer, reply, unique_id=unique_id):
                return Reading(f"{reply.status} {name}", good=not forged, acknowledged=True)
        refused = FIRST_CLIENT_ERROR <= reply.status < FIRST_SERVER_ERROR
        return Reading(str(reply.status), good=forged and refused)


def _of_form(wanted: ExpectedAnswer) -> ExpectedAnswer:
    """How the notification of a payment form is answered: its id is in an element of its own."""
    body = "{unique_id}" if "{unique_id}" in wanted.body else wanted.body
    return ExpectedAnswer(wanted.status, body, wanted.header)


class Pacer:
    """The schedule of one process, kept by whichever user has its turn."""

    def __init__(self, order: Order, tally: Tally, sender: Sender) -> None:
        self.done = Event()
        self._tally = tally
        self._sender = sender
        self._plan = order.plan
        self._seed = order.seed
        self._pool = Pool(order.plan.most_in_flight)
        self._rest = self._arrivals()
        self._shares: list[Share] = []
        self._start = 0.0
        self._began = Event()
        self._stopped = False
        self._turn = RLock()

    def share(self, share: Share, start_time: float) -> None:
        """Take a part; `start_time` is when the load begins, on the wall clock."""
        self._shares.append(share)
        if not self._began.is_set():
            self._start = time.monotonic() + start_time - time.time()
            self._began.set()

    def stop(self) -> None:
        """Send no more."""
        self._stopped = True

    @property
    def in_flight(self) -> int:
        """How many requests have no answer yet."""
        return len(self._pool)

    @property
    def elapsed(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self._start if self._began.is_set() else 0.0

    def drain(self) -> None:
        """Wait for the answers of what was sent."""
        self._pool.join(self._plan.timeout_seconds + CONNECT_TIMEOUT_SECONDS)

    def keep(self) -> None:
        """Send everything that is this process's; a second user waits, and takes over the rest."""
        with self._turn:
            self._began.wait()
            self._send_all()
            self.done.set()
            Event().wait()

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
        free = self._pool.free_count() > 0
        self._tally.scheduled(arrival, sent=free)
        if free:
            self._pool.spawn(self._sender.send, arrival, due)

    def _is_ours(self, arrival: Arrival) -> bool:
        share = next(one for one in reversed(self._shares) if _holds(one, arrival))
        return share.index >= 0 and share_of(arrival.number, share.index, share.workers)


def _holds(share: Share, arrival: Arrival) -> bool:
    return arrival.due_seconds >= share.from_seconds
