"""Delivers notifications as the gateway does: again and again until it sees its echo."""

import asyncio
import ssl
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic

import httpx

from infra.gateway import wire
from infra.gateway.lives import Event
from infra.gateway.world import Delivery, Payment, Try, World

MAX_TRIES = 10
MAX_ECHO_BYTES = 64 * 1024


@dataclass(frozen=True)
class Rules:
    """How notifications are delivered."""

    url: str
    retry_interval_s: float
    try_timeout_s: float
    concurrency: int
    ca_file: str | None = None
    """Whom to trust at an https:// url."""


@dataclass(frozen=True)
class Plan:
    """When and how often a batch of notifications arrives."""

    rate: float | None = None
    """Arrivals a second, whatever becomes of the earlier ones; None lets all loose at once."""
    tripled: bool = False
    shuffled: bool = False
    seed: int = 0


class Sender:
    """Delivers; each notification is a task of its own, so that none waits for another."""

    def __init__(self, world: World, rules: Rules, password: str) -> None:
        self._world = world
        self._rules = rules
        self._password = password
        self._places = asyncio.Semaphore(rules.concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        limits = httpx.Limits(max_connections=rules.concurrency)
        trusted = ssl.create_default_context(cafile=rules.ca_file) if rules.ca_file else True
        self._client = httpx.AsyncClient(
            verify=trusted, timeout=rules.try_timeout_s, limits=limits, trust_env=False
        )

    def launch(self, news: Sequence[tuple[Payment, Event]], plan: Plan) -> int:
        """Start delivering; gives the number of deliveries."""
        copies = [one for one in news for _ in range(3 if plan.tripled else 1)]
        if plan.shuffled:
            # Reproducible, not unguessable, is what is wanted here.
            Random(plan.seed).shuffle(copies)  # noqa: S311
        deliveries = [(p, Delivery(p.unique_id, event, status)) for p, (event, status) in copies]
        self._world.deliveries.extend(delivery for _payment, delivery in deliveries)
        self._spawn(self._arrive(deliveries, plan.rate))
        return len(deliveries)

    async def close(self) -> None:
        """Give up what is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _arrive(
        self, deliveries: Sequence[tuple[Payment, Delivery]], rate: float | None
    ) -> None:
        started = monotonic()
        for number, (payment, delivery) in enumerate(deliveries):
            if rate is not None:
                await asyncio.sleep(max(0.0, started + number / rate - monotonic()))
            self._spawn(self._deliver(payment, delivery))

    async def _deliver(self, payment: Payment, delivery: Delivery) -> None:
        reason_code, _reason = self._world.reason_of(payment)
        event = (delivery.event, delivery.status)
        fields = form(payment, event, reason_code, self._password)
        for number in range(MAX_TRIES):
            if number:
                await asyncio.sleep(self._rules.retry_interval_s)
            async with self._places:
                outcome = await self._try(payment, fields)
            delivery.tries.append(outcome)
            if outcome.echoed:
                delivery.state = "echoed"
                return
        delivery.state = "gave_up"

    async def _try(self, payment: Payment, fields: dict[str, str]) -> Try:
        at_s = round(monotonic() - self._world.started_s, 3)
        try:
            async with asyncio.timeout(self._rules.try_timeout_s):
                answer = await self._client.post(self._rules.url, data=fields)
        except (httpx.HTTPError, TimeoutError) as error:
            return Try(at_s, type(error).__name__, echoed=False)
        name = "wpf_unique_id" if payment.wpf else "unique_id"
        body = answer.content[:MAX_ECHO_BYTES]
        return Try(at_s, str(answer.status_code), wire.echoes(body, name, payment.unique_id))


def form(payment: Payment, event: Event, reason_code: str, password: str) -> dict[str, str]:
    """The form of one notification; the reason is told with disputes only."""
    name, status = event
    if payment.wpf:
        return {
            "wpf_transaction_id": payment.transaction_id,
            "wpf_status": status,
            "wpf_unique_id": payment.unique_id,
            "notification_type": "wpf",
            "payment_transaction_transaction_type": payment.transaction_type,
            "payment_transaction_unique_id": payment.unique_id[::-1],
            "payment_transaction_amount": str(payment.amount_cents),
            "signature": wire.signature(payment.unique_id, password, "sha512"),
        }
    fields = {
        "transaction_id": payment.transaction_id,
        "unique_id": payment.unique_id,
        "transaction_type": payment.transaction_type,
        "status": status,
        "amount": str(payment.amount_cents),
        "currency": payment.currency,
        "signature": wire.signature(payment.unique_id, password, "sha1"),
    }
    if name:
        fields |= {"event": name, "reason_code": reason_code, "arn": payment.unique_id[:23]}
        if payment.told_iban:
            fields["bank_account_number"] = payment.told_iban
    return fields
