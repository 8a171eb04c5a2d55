"""What merchants call: sales, reconciliation, chargebacks, and the check of a payee's name."""

import asyncio
import base64
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element

from tornado.web import HTTPError, RequestHandler

from infra.gateway import wire
from infra.gateway.world import CHARGEBACK_TYPES, Chargeback, Payment, Sale, Secrets, World

PER_PAGE = 100
INPUT_MISSING, INPUT_INVALID, DOUBLE, NOT_FOUND, NO_CHARGEBACK = 310, 340, 450, 460, 470
_COUNTRIES = "AT BE CY DE EE ES FI FR GR IE IT LT LU LV MC MT NL PT SI SK SM"

# The last word of a name decides, like the magic numbers of a card gateway's test mode.
_VERDICTS = {
    "nomatch": "no_match",
    "closematch": "close_match",
    "unavailable": "unavailable",
}


class MerchantHandler(RequestHandler):
    """A call of a merchant, with the faults of the moment."""

    def initialize(self, world: World, secrets: Secrets) -> None:
        """Tornado's way of handing things to a handler."""
        self.world = world
        self.secrets = secrets

    async def prepare(self) -> None:
        """Misbehave if told to, then ask who it is."""
        self.world.calls[type(self).__name__] += 1
        faults = self.world.faults
        await asyncio.sleep(faults.latency_ms / 1000)
        if faults.down:
            self.hang_up()
        elif self.world.chance(faults.error_rate):
            raise HTTPError(HTTPStatus.INTERNAL_SERVER_ERROR)
        elif not hmac.compare_digest(
            self.request.headers.get("Authorization", "").encode(), self.expected().encode()
        ):
            raise HTTPError(HTTPStatus.UNAUTHORIZED)

    def expected(self) -> str:
        """The credentials that belong here."""
        pair = f"{self.secrets.username}:{self.secrets.password}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self._finished = True
        self.detach().close()

    def answer(self, body: bytes) -> None:
        """Answer with XML, unless the answer gets lost."""
        if self.world.chance(self.world.faults.lost_rate):
            self.hang_up()
            return
        self.set_header("Content-Type", wire.XML)
        self.finish(body)

    def document(self, root: str) -> Element | None:
        """The request, or None if it has been refused."""
        try:
            return wire.parse(self.request.body, root)
        except wire.MalformedError as error:
            self.answer(wire.error_response(INPUT_MISSING, str(error)))
            return None

    def write_error(self, status_code: int, **_more: Any) -> None:
        """Errors of the transport are plain."""
        self.finish(f"{status_code}\n")


class ProcessHandler(MerchantHandler):
    """Sales."""

    def post(self, terminal: str) -> None:
        """Take a sale; one transaction id is debited once, however often it comes."""
        document = self.document("payment_transaction")
        if document is None:
            return
        sale = _sale(document)
        if terminal != self.secrets.terminal_token or sale is None:
            self.answer(wire.error_response(INPUT_MISSING, "Input data missing or malformed"))
        elif sale.transaction_id in self.world.by_transaction_id:
            self.answer(wire.error_response(DOUBLE, "Transaction id has been used already"))
        elif self.world.refuses(sale):
            self.answer(wire.error_response(INPUT_INVALID, "The account cannot be debited"))
        else:
            self.answer(wire.payment_response(_fields(self.world.sell(sale))))


class ReconcileHandler(MerchantHandler):
    """What became of a transaction."""

    def post(self, _terminal: str) -> None:
        """Find it by either id."""
        document = self.document("reconcile")
        if document is None:
            return
        transaction_id = wire.text(document, "transaction_id")
        known = self.world.by_transaction_id.get(transaction_id, "")
        payment = self.world.payments.get(wire.text(document, "unique_id") or known)
        if payment is None or self.world.chance(self.world.faults.unfound_rate):
            self.answer(wire.error_response(NOT_FOUND, "Transaction not found"))
        else:
            self.answer(wire.payment_response(_fields(payment)))


class ChargebacksByDateHandler(MerchantHandler):
    """Disputes by the day they were posted."""

    def post(self) -> None:
        """One page of a span of days."""
        document = self.document("chargeback_request")
        if document is None:
            return
        try:
            first = date.fromisoformat(wire.text(document, "start_date"))
            last = date.fromisoformat(wire.text(document, "end_date") or first.isoformat())
            page = int(wire.text(document, "page") or "1")
        except ValueError:
            self.answer(wire.error_response(INPUT_MISSING, "Malformed date or page"))
            return
        found = [one for one in self.world.chargebacks if first <= one.post_date <= last]
        if not found:
            self.answer(wire.error_response(NO_CHARGEBACK, "Chargeback not found"))
            return
        shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        body = wire.chargeback_responses(
            [_chargeback(one) for one in shown], page=page, per_page=PER_PAGE, total=len(found)
        )
        self.answer(body)


class ChargebackHandler(MerchantHandler):
    """The disputes of one transaction."""

    def post(self) -> None:
        """The latest one."""
        document = self.document("chargeback_request")
        if document is None:
            return
        wanted = wire.text(document, "original_transaction_unique_id")
        found = [one for one in self.world.chargebacks if one.unique_id == wanted]
        if not found:
            self.answer(wire.error_response(NO_CHARGEBACK, "Chargeback not found"))
            return
        body = wire.chargeback_responses(
            [_chargeback(found[-1])], page=1, per_page=PER_PAGE, total=1
        )
        self.answer(body)


class VerifyHandler(MerchantHandler):
    """Whether an account belongs to a name."""

    def expected(self) -> str:
        """A key of its own."""
        return f"Bearer {self.secrets.verify_key}"

    def post(self) -> None:
        """Compare."""
        try:
            asked = json.loads(self.request.body)
            iban, name = str(asked["iban"]), str(asked["name"])
        except (ValueError, KeyError, TypeError):
            raise HTTPError(HTTPStatus.BAD_REQUEST) from None
        first, _, last = name.strip().partition(" ")
        verdict = _VERDICTS.get(last.rpartition(" ")[2].lower(), "match")
        answer: dict[str, str | None] = {"result": verdict, "name": None}
        if verdict == "close_match":
            answer["name"] = f"{first} {iban[:2]}"
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(answer))


def _sale(document: Element) -> Sale | None:
    needed = (
        *("transaction_type", "transaction_id", "usage", "amount", "currency", "iban"),
        *(f"billing_address/{name}" for name in ("first_name", "last_name", "country")),
    )
    given = {name: wire.text(document, name) for name in needed}
    complete = all(given.values()) and given["transaction_type"] == "sdd_sale"
    amount = re.fullmatch(r"[1-9]\d{0,12}", given["amount"])
    if not complete or not amount or given["billing_address/country"] not in _COUNTRIES.split():
        return None
    return Sale(
        transaction_id=given["transaction_id"],
        amount_cents=int(given["amount"]),
        currency=given["currency"],
        iban=given["iban"],
        country=given["billing_address/country"],
    )


def _fields(payment: Payment) -> Mapping[str, str]:
    return {
        "transaction_type": payment.transaction_type,
        "status": payment.status,
        "unique_id": payment.unique_id,
        "transaction_id": payment.transaction_id,
        "timestamp": payment.created_at,
        "amount": str(payment.amount_cents),
        "currency": payment.currency,
        "sent_to_acquirer": "true",
    }


def _chargeback(one: Chargeback) -> Mapping[str, str]:
    return {
        "type": CHARGEBACK_TYPES[one.event],
        "arn": one.unique_id[:23],
        "post_date": one.post_date.isoformat(),
        "reason_code": one.reason_code,
        "reason_description": one.reason,
        "amount": str(one.amount_cents),
        "currency": one.currency,
        "chargeback_amount": str(one.amount_cents),
        "chargeback_currency": one.currency,
        "transaction_type": one.transaction_type,
        "original_transaction_unique_id": one.unique_id,
    }
