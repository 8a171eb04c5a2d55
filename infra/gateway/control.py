"""What a test tells the gateway and asks of it; answered to this machine only."""

import ipaddress
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from tornado.web import HTTPError, RequestHandler

from infra.gateway.delivery import Plan, Sender
from infra.gateway.lives import DEFAULT_MIX, LIVES, Event, stories
from infra.gateway.world import Answers, Delivery, Faults, Payment, World

MAX_COUNT = 1_000_000

T = TypeVar("T", Faults, Answers)


class ControlHandler(RequestHandler):
    """A call of a test."""

    def initialize(self, world: World, sender: Sender) -> None:
        """Tornado's way of handing things to a handler."""
        self.world = world
        self.sender = sender

    def prepare(self) -> None:
        """Keep others out."""
        if not ipaddress.ip_address(str(self.request.remote_ip)).is_loopback:
            raise HTTPError(HTTPStatus.FORBIDDEN)

    def asked(self) -> dict[str, Any]:
        """The request."""
        try:
            document = json.loads(self.request.body or b"{}")
        except ValueError:
            raise HTTPError(HTTPStatus.BAD_REQUEST) from None
        if not isinstance(document, dict):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        return document


class NotificationsHandler(ControlHandler):
    """Makes payments up and notifies of them."""

    def post(self) -> None:
        """`count` notifications by `seed` and `mix`; `tripled`, `shuffled`; at a `rate` or all at
        once.
        """
        asked = self.asked()
        count, seed = asked.get("count", 0), asked.get("seed", self.world.seed)
        rate, mix = asked.get("rate"), asked.get("mix", DEFAULT_MIX)
        if not (isinstance(count, int) and 0 < count <= MAX_COUNT and isinstance(seed, int)):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        if not _is_mix(mix) or not (rate is None or (_is_number(rate) and rate > 0)):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        plan = Plan(rate, bool(asked.get("tripled")), bool(asked.get("shuffled")), seed)
        told = [self.world.tell(story) for story in stories(seed, count, mix)]
        news = [(payment, event) for payment in told for event in payment.events]
        deliveries = self.sender.launch(news, plan)
        self.write({"payments": len(told), "notifications": len(news), "deliveries": deliveries})


class SettleHandler(ControlHandler):
    """Lets accepted sales go on: to a life of the list, with or without notification."""

    def post(self) -> None:
        """`life`, and optionally `transaction_ids`, `notify`, `day` of chargebacks."""
        asked = self.asked()
        life = LIVES.get(str(asked.get("life")))
        try:
            day = date.fromisoformat(asked.get("day", datetime.now(UTC).date().isoformat()))
        except (ValueError, TypeError):
            raise HTTPError(HTTPStatus.BAD_REQUEST) from None
        if life is None:
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        wanted = asked.get("transaction_ids") or list(self.world.by_transaction_id)
        news: list[tuple[Payment, Event]] = []
        for transaction_id in wanted:
            payment = self.world.payments[self.world.by_transaction_id[transaction_id]]
            # Each goes on from where it is; who was declined stays so.
            if payment.events[0][1] == "pending_async":
                for event in life[len(payment.events) :]:
                    self.world.happen(payment, event, day)
                    news.append((payment, event))
        sent = self.sender.launch(news, Plan()) if asked.get("notify") else 0
        self.write({"events": len(news), "deliveries": sent})


class TruthHandler(ControlHandler):
    """What must be known of every payment in the end."""

    def get(self) -> None:
        """All of it."""
        debits = [asdict(debit) for debit in self.world.debits]
        self.write(
            {
                "payments": dict(self.world.truth()),
                "debits": debits,
                "calls": dict(self.world.calls),
            }
        )


class ProgressHandler(ControlHandler):
    """How far the deliveries are."""

    def get(self) -> None:
        """Counts, and by request every single try."""
        deliveries = self.world.deliveries
        states = Counter(delivery.state for delivery in deliveries)
        document: dict[str, object] = {
            "deliveries": len(deliveries),
            "sent": sum(len(delivery.tries) for delivery in deliveries),
            "echoed": states["echoed"],
            "waiting": states["waiting"],
            "gave_up": states["gave_up"],
        }
        if self.get_query_argument("tries", ""):
            document["tries"] = [_shown(delivery) for delivery in deliveries]
        self.write(document)


class FaultsHandler(ControlHandler):
    """How the merchant's side misbehaves."""

    def post(self) -> None:
        """Replace the faults; what is not named is off."""
        self.world.faults = _read(Faults, self.asked())
        self.write(asdict(self.world.faults))


class AnswersHandler(ControlHandler):
    """How sales are decided."""

    def post(self) -> None:
        """Replace the rates; what is not named is 0."""
        self.world.answers = _read(Answers, self.asked())
        self.write(asdict(self.world.answers))


def _read(kind: type[T], asked: Mapping[str, Any]) -> T:
    known = {one.name for one in fields(kind)}
    if set(asked) - known or not all(_is_number(value) and value >= 0 for value in asked.values()):
        raise HTTPError(HTTPStatus.BAD_REQUEST)
    return kind(**asked)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _is_mix(mix: object) -> bool:
    return (
        isinstance(mix, Mapping)
        and set(mix) <= set(LIVES)
        and all(_is_number(weight) and weight >= 0 for weight in mix.values())
        and sum(mix.values()) > 0
    )


def _shown(delivery: Delivery) -> dict[str, object]:
    return {
        "unique_id": delivery.unique_id,
        "event": delivery.event,
        "status": delivery.status,
        "state": delivery.state,
        "tries": [asdict(one) for one in delivery.tries],
    }
