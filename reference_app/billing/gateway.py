"""The payment gateway, as jobs call it: sales, what became of them, chargebacks by day.

A sale whose answer is lost has an unknown fate. It is never sent again blindly: only reading
calls are repeated here.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

import httpx
import stamina
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from reference_app.http.problems import ProblemError
from reference_app.logs import mask_ibans
from reference_app.settings import Settings
from reference_app.webhooks.notification import Notification, from_fields

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
TOTAL_TIMEOUT_S = 20.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024
READ_TRIES = 3

SENT_BEFORE = "450"
TRANSACTION_NOT_FOUND = "460"
CHARGEBACK_NOT_FOUND = "470"

# What is kept of an answer; the rest may name people.
_KEPT = ("unique_id", "transaction_id", "transaction_type", "status", "amount", "currency")
_REASONS = ("reason_code", "rc_code")
# Notifications of these carry an event, so the same news asked for must carry it as well.
_EVENT_BY_STATUS = {
    "chargebacked": "chargeback",
    "chargeback_reversed": "chargeback_reversal",
    "second_chargebacked": "second_chargeback",
}


class GatewayUnavailableError(Exception):
    """The gateway did not give an answer that can be used; the message says why."""


@dataclass(frozen=True)
class Sale:
    """A direct debit to be asked for."""

    transaction_id: str
    amount_cents: int
    currency: str
    iban: str
    name: str


@dataclass(frozen=True)
class Sent:
    """The gateway has the transaction, whatever its status."""

    notification: Notification


@dataclass(frozen=True)
class Rejected:
    """The gateway has refused to make a transaction of it, and would refuse it again."""

    code: str
    message: str


@dataclass(frozen=True)
class SentBefore:
    """The gateway has had the transaction id before, so it has a transaction already."""


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether the gateway has the transaction."""

    why: str


@dataclass(frozen=True)
class ChargebackPage:
    """One page of the chargebacks of a day."""

    items: tuple[Mapping[str, str], ...]
    pages: int


class Gateway:
    """A client; every call is bounded in time."""

    def __init__(self, settings: Settings) -> None:
        self._terminal = settings.emp_terminal_token.get_secret_value()
        self._final_codes = settings.billing_rejection_codes
        self._client = httpx.Client(
            base_url=settings.emp_gateway_url,
            auth=(settings.emp_username, settings.emp_api_password.get_secret_value()),
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            trust_env=False,
        )

    def sell(self, sale: Sale) -> Sent | Rejected | SentBefore | Unknown:
        """Ask for a direct debit, once."""
        try:
            outcome = outcome_of(self._post(f"/process/{self._terminal}", sale_xml(sale)))
        except GatewayUnavailableError as error:
            return Unknown(str(error))
        if isinstance(outcome, Sent):
            return outcome
        if outcome.code == SENT_BEFORE:
            return SentBefore()
        # All others speak of the gateway or of our own settings, and may be gone tomorrow.
        if outcome.code not in self._final_codes:
            return Unknown(f"{outcome.code} {outcome.message}".strip())
        return outcome

    def find(self, *, unique_id: str | None, transaction_id: str) -> Notification | None:
        """What became of a transaction; None only if the gateway says that there is none."""
        request = Element("reconcile")
        name, value = ("unique_id", unique_id) if unique_id else ("transaction_id", transaction_id)
        SubElement(request, name).text = value
        outcome = outcome_of(self._read(f"/reconcile/{self._terminal}", _document(request)))
        if isinstance(outcome, Sent):
            return outcome.notification
        if outcome.code == TRANSACTION_NOT_FOUND:
            return None
        raise GatewayUnavailableError(f"it answered with error {outcome.code}")

    def chargebacks(self, day: date, page: int) -> ChargebackPage:
        """One page of the chargebacks that were posted on that day."""
        request = Element("chargeback_request")
        for name, value in (("start_date", day), ("end_date", day), ("page", page)):
            SubElement(request, name).text = str(value)
        return chargebacks_of(self._read("/chargebacks/by_date", _document(request)))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, path: str, body: bytes) -> Element:
        for attempt in stamina.retry_context(
            on=GatewayUnavailableError,
            attempts=READ_TRIES,
            timeout=TOTAL_TIMEOUT_S,
            wait_initial=0.1,
            wait_max=1.0,
            wait_jitter=0.1,
        ):
            with attempt:
                return self._post(path, body)
        raise AssertionError("stamina tries at least once")

    def _post(self, path: str, body: bytes) -> Element:
        try:
            status, answer = self._exchange(path, body)
        except httpx.HTTPError as error:
            raise GatewayUnavailableError(type(error).__name__) from error
        if status != HTTPStatus.OK:
            raise GatewayUnavailableError(f"it answered with HTTP {status}")
        try:
            document: Element = fromstring(answer)
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise GatewayUnavailableError("its answer is not readable") from error
        return document

    def _exchange(self, path: str, body: bytes) -> tuple[int, bytes]:
        # The client's own time-outs are per read: an answer that trickles in would never hit one.
        deadline = time.monotonic() + TOTAL_TIMEOUT_S
        received = bytearray()
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        with self._client.stream("POST", path, content=body, headers=headers) as response:
            for chunk in response.iter_bytes():
                received += chunk
                if len(received) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                    raise httpx.ReadTimeout("The answer takes too long.")
            return response.status_code, bytes(received)


def sale_xml(sale: Sale) -> bytes:
    """The request of a sale. Amounts are in minor units on both sides."""
    root = Element("payment_transaction")
    fields = {
        "transaction_type": "sdd_sale",
        "transaction_id": sale.transaction_id,
        "usage": f"Collection {sale.transaction_id}",
        "amount": str(sale.amount_cents),
        "currency": sale.currency,
        "iban": sale.iban,
    }
    for name, value in fields.items():
        SubElement(root, name).text = value
    first, last = split_name(sale.name)
    address = SubElement(root, "billing_address")
    for name, value in (
        ("first_name", first),
        ("last_name", last),
        ("country", sale.iban[:2]),
    ):
        SubElement(address, name).text = value
    return _document(root)


def split_name(name: str) -> tuple[str, str]:
    """First and last name, both of which the gateway requires."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not (comma and first and last):
        first, _, last = name.strip().rpartition(" ")
    return first.strip() or last, last or first


def outcome_of(document: Element) -> Sent | Rejected:
    """What an answer says about a transaction."""
    if document.tag == "payment_responses":
        document = next(iter(document), document)
    if document.tag != "payment_response":
        raise GatewayUnavailableError(f"its answer is a {document.tag[:40]}")
    fields = fields_of(document)
    if not fields.get("unique_id"):
        message = mask_ibans(fields.get("technical_message") or fields.get("message", ""))
        return Rejected(fields.get("code", "none"), message[:200])
    kept = {name: fields[name] for name in (*_KEPT, *_REASONS) if fields.get(name)}
    if event := _EVENT_BY_STATUS.get(kept.get("status", "")):
        kept["event"] = event
    if fields.get("code"):
        kept["error_code"] = fields["code"]
    try:
        return Sent(from_fields(kept))
    except ProblemError as error:
        raise GatewayUnavailableError("its answer is malformed") from error


def chargebacks_of(document: Element) -> ChargebackPage:
    """What an answer says about the chargebacks of a day."""
    if document.tag == "chargeback_responses":
        pages = document.get("pages_count", "1")
        if not (pages.isascii() and pages.isdigit()):
            raise GatewayUnavailableError("its answer has no count of pages")
        return ChargebackPage(tuple(fields_of(child) for child in document), int(pages[:9]))
    fields = fields_of(document)
    if fields.get("code") == CHARGEBACK_NOT_FOUND:
        return ChargebackPage((), 0)
    if document.tag == "chargeback_response":
        return ChargebackPage((fields,), 1)
    raise GatewayUnavailableError(f"it answered with error {fields.get('code', 'none')[:10]}")


def fields_of(element: Element) -> Mapping[str, str]:
    """The texts of an element's children."""
    return {child.tag: (child.text or "").strip() for child in element}


def _document(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document
