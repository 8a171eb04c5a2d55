"""The payment provider of a drill: notifications arrive on time and are delivered until echoed.

Arrivals are open: each is due at its own moment, whether or not the ones before were answered.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus

import aiohttp

from golive.adapters.entrance import Entrance
from golive.adapters.tls import trusting
from golive.model.answer import mismatch
from golive.model.drill import LONGEST_RETRY_SECONDS, Planned, Workload
from golive.model.history.records import REFUSABLE, Delivery
from golive.model.notification import Notification, form_of
from golive.model.operation import Phase
from golive.model.ports import OpenOperation, Recorder, Reply

HEARTBEAT_SECONDS = 0.05
STOP_SECONDS = 15.0
ANOTHER_AMOUNT_CENTS = 1

# The connection was never made: the delivery cannot have taken effect.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class ProviderAdapter:
    """Campaigns of one step."""

    def __init__(self, entrance: Entrance, recorder: Recorder) -> None:
        self._entrance = entrance
        self._recorder = recorder

    def begin(
        self, planned: Sequence[Planned], workload: Workload, clock: Callable[[], float]
    ) -> "Campaign":
        """Deliver in the background; `clock` gives the times of deliveries, in seconds."""
        return Campaign(self._entrance, self._recorder, planned, workload, clock)


class Campaign:
    """Deliveries under way in a thread with a loop of its own."""

    def __init__(
        self,
        entrance: Entrance,
        recorder: Recorder,
        planned: Sequence[Planned],
        workload: Workload,
        clock: Callable[[], float],
    ) -> None:
        self._entrance = entrance
        self._recorder = recorder
        self._workload = workload
        self._clock = clock
        self.lag_seconds = 0.0
        self._deliveries: list[Delivery] = []
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._everything: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, args=(planned,), daemon=True)
        self._thread.start()

    def finish(self, within_seconds: float) -> tuple[Delivery, ...]:
        """All deliveries, once everything has its echo or the time is over."""
        self._thread.join(within_seconds)
        self.stop()
        if self._error is not None:
            raise self._error
        return tuple(self._deliveries)

    def stop(self) -> None:
        """Deliver no more; what is under way is recorded as unknown."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(STOP_SECONDS)

    def _cancel(self) -> None:
        if self._everything is not None:
            self._everything.cancel()

    def _run(self, planned: Sequence[Planned]) -> None:
        try:
            self._loop.run_until_complete(self._begin(planned))
        except BaseException as error:  # noqa: BLE001 - raised again by `finish`
            self._error = error
        finally:
            self._loop.close()

    async def _begin(self, planned: Sequence[Planned]) -> None:
        self._everything = asyncio.ensure_future(self._deliver_all(planned))
        await asyncio.wait([self._everything])
        if not self._everything.cancelled():
            self._everything.result()

    async def _deliver_all(self, planned: Sequence[Planned]) -> None:
        began = self._loop.time()
        timeout = aiohttp.ClientTimeout(self._workload.timeout_seconds)
        # As many connections as there are requests under way: a limit would hold arrivals up.
        connector = aiohttp.TCPConnector(limit=0, ssl=trusting(self._entrance.ca_file))
        heart = asyncio.ensure_future(self._beat())
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as client,
                asyncio.TaskGroup() as group,
            ):
                for one in planned:
                    await asyncio.sleep(began + one.due_seconds - self._loop.time())
                    group.create_task(self._deliver(client, one))
        finally:
            heart.cancel()

    async def _beat(self) -> None:
        """Find out how late this loop is at the worst: what it measures is that much too long."""
        while True:
            before = self._loop.time()
            await asyncio.sleep(HEARTBEAT_SECONDS)
            late = self._loop.time() - before - HEARTBEAT_SECONDS
            self.lag_seconds = max(self.lag_seconds, late)

    async def _deliver(self, client: aiohttp.ClientSession, one: Planned) -> None:
        copies = (self._until_echoed(client, one) for _ in range(one.copies))
        await asyncio.gather(*copies)
        if one.again:
            await self._attempt(client, one, 1)
        if one.contradicted:
            amount = one.notification.amount_cents + ANOTHER_AMOUNT_CENTS
            other = replace(one.notification, amount_cents=amount)
            await self._attempt(client, replace(one, notification=other, kind="conflicting"), 1)

    async def _until_echoed(self, client: aiohttp.ClientSession, one: Planned) -> None:
        """One delivery after another, like the gateway; what must be refused is tried once."""
        attempt = 1
        while not await self._attempt(client, one, attempt) and one.kind not in REFUSABLE:
            # Longer each time: what an outage has piled up must not come back as a flood.
            pause = self._workload.retry_seconds * attempt
            await asyncio.sleep(min(pause, LONGEST_RETRY_SECONDS))
            attempt += 1

    async def _attempt(self, client: aiohttp.ClientSession, one: Planned, number: int) -> bool:
        """Deliver once; whether there is nothing more to deliver."""
        notification = one.notification
        invoked = self._clock()
        phase, answer = Phase.INFO, "stopped before it was answered"
        facts = {"unique_id": notification.unique_id, "what": one.what, "kind": one.kind}
        try:
            with self._recorder.operation("DELIVER", **facts, attempt=number) as operation:
                phase, answer = await self._send(client, one, operation)
        finally:
            self._deliveries.append(
                Delivery(
                    *(notification.unique_id, one.what, one.kind, number, phase, answer),
                    *(round(invoked, 4), round(self._clock(), 4)),
                )
            )
        return phase is Phase.OK or (one.kind == "poison" and phase is Phase.FAIL)

    async def _send(
        self, client: aiohttp.ClientSession, one: Planned, operation: OpenOperation
    ) -> tuple[Phase, str]:
        form = self._form(one.notification, forged=one.kind == "forged")
        try:
            async with client.post(self._entrance.url, data=form) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = _reason(error)
            if isinstance(error, _NOT_SENT):
                operation.fail(error=reason)
                return Phase.FAIL, reason
            operation.info(error=reason)
            return Phase.INFO, reason
        reply = Reply(self._entrance.url, response.status, headers, body, 0.0)
        phase, answer = self._read(reply, one.notification.unique_id)
        complete = {Phase.OK: operation.ok, Phase.FAIL: operation.fail}.get(phase, operation.info)
        complete(status=reply.status, answer=answer)
        return phase, answer

    def _form(self, notification: Notification, *, forged: bool) -> dict[str, str]:
        """The form; a forged one has a wrong signature or, by its id, none at all."""
        section = self._entrance.section
        password = self._entrance.password[::-1] + "-forged" if forged else self._entrance.password
        form = form_of(notification, password, section.signature)
        if forged and int(notification.unique_id[-1], 16) % 2:
            del form["signature"]
        return form

    def _read(self, reply: Reply, unique_id: str) -> tuple[Phase, str]:
        """`ok` is an echo, as of a new or of a known notification; a refusal had no effect, and
        of anything else nobody knows.
        """
        section, status = self._entrance.section, reply.status
        for name, expected in (("new", section.new), ("duplicate", section.duplicate)):
            if not mismatch(expected, reply, unique_id=unique_id):
                return Phase.OK, f"{status} {name}"
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Phase.FAIL, str(status)
        return Phase.INFO, str(status)


def _reason(error: aiohttp.ClientError | TimeoutError) -> str:
    """Why no answer came, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    return str(getattr(cause, "strerror", "") or cause) or type(error).__name__
