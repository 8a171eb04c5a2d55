"""The payment provider of a drill: notifications arrive on time and are delivered until echoed.

Arrivals are open: each is due at its own moment, whether or not the ones before were answered.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import httpx

from golive.adapters.http import reason_of
from golive.model.answer import mismatch
from golive.model.drill import LONGEST_RETRY_SECONDS, Planned, Workload
from golive.model.history.records import REFUSABLE, Delivery
from golive.model.notification import Notification, form_of
from golive.model.operation import Phase
from golive.model.ports import OpenOperation, Recorder, Reply
from golive.model.target import Webhook

MOST_CONNECTIONS = 1_000
STOP_SECONDS = 15.0
ANOTHER_AMOUNT_CENTS = 1

# The connection was never made: the delivery cannot have taken effect.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout)


@dataclass(frozen=True)
class Entrance:
    """Where notifications go, and what they are signed with."""

    section: Webhook
    url: str
    password: str


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
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
        began = self._loop.time()
        async with (
            httpx.AsyncClient(trust_env=False, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            for one in planned:
                await asyncio.sleep(began + one.due_seconds - self._loop.time())
                group.create_task(self._deliver(client, one))

    async def _deliver(self, client: httpx.AsyncClient, one: Planned) -> None:
        copies = (self._until_echoed(client, one) for _ in range(one.copies))
        await asyncio.gather(*copies)
        if one.again:
            await self._attempt(client, one, 1)
        if one.contradicted:
            amount = one.notification.amount_cents + ANOTHER_AMOUNT_CENTS
            other = replace(one.notification, amount_cents=amount)
            await self._attempt(client, replace(one, notification=other, kind="conflicting"), 1)

    async def _until_echoed(self, client: httpx.AsyncClient, one: Planned) -> None:
        """One delivery after another, like the gateway; what must be refused is tried once."""
        attempt = 1
        while not await self._attempt(client, one, attempt) and one.kind not in REFUSABLE:
            # Longer each time: what an outage has piled up must not come back as a flood.
            pause = self._workload.retry_seconds * attempt
            await asyncio.sleep(min(pause, LONGEST_RETRY_SECONDS))
            attempt += 1

    async def _attempt(self, client: httpx.AsyncClient, one: Planned, number: int) -> bool:
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
        self, client: httpx.AsyncClient, one: Planned, operation: OpenOperation
    ) -> tuple[Phase, str]:
        form = self._form(one.notification, forged=one.kind == "forged")
        try:
            response = await client.post(
                self._entrance.url, data=form, timeout=self._workload.timeout_seconds
            )
        except httpx.TransportError as error:
            reason = reason_of(error)
            if isinstance(error, _NOT_SENT):
                operation.fail(error=reason)
                return Phase.FAIL, reason
            operation.info(error=reason)
            return Phase.INFO, reason
        phase, answer = self._read(response, one.notification.unique_id)
        complete = {Phase.OK: operation.ok, Phase.FAIL: operation.fail}.get(phase, operation.info)
        complete(status=response.status_code, answer=answer)
        return phase, answer

    def _form(self, notification: Notification, *, forged: bool) -> dict[str, str]:
        section = self._entrance.section
        password = self._entrance.password[::-1] + "-forged" if forged else self._entrance.password
        return form_of(notification, password, section.signature)

    def _read(self, response: httpx.Response, unique_id: str) -> tuple[Phase, str]:
        """`ok` is an echo, as of a new or of a known notification; a refusal had no effect, and
        of anything else nobody knows.
        """
        section, status = self._entrance.section, response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(self._entrance.url, status, headers, response.content, 0.0)
        for name, expected in (("new", section.new), ("duplicate", section.duplicate)):
            if not mismatch(expected, reply, unique_id=unique_id):
                return Phase.OK, f"{status} {name}"
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Phase.FAIL, str(status)
        return Phase.INFO, str(status)
