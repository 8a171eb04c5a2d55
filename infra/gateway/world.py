"""All that the gateway knows: sales, debits, payments, chargebacks, deliveries. In memory only."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random

from infra.gateway.lives import Event, Story, final_status

CHARGEBACK_TYPES: Mapping[str, str] = {
    "chargeback": "1st Chargeback",
    "chargeback_reversal": "1st Chargeback Reversal",
    "second_chargeback": "2nd Chargeback",
}
REASONS = (("MD06", "Refund request by end customer"), ("AC04", "Account closed"))


@dataclass(frozen=True)
class Secrets:
    """What merchants must know."""

    username: str
    password: str = field(repr=False)
    terminal_token: str = field(repr=False)
    verify_key: str = field(repr=False)


@dataclass(frozen=True)
class Faults:
    """How the merchant's side misbehaves at the moment. Rates are between 0 and 1."""

    error_rate: float = 0.0
    """Answered with 500, and nothing done."""
    lost_rate: float = 0.0
    """Done, and the connection closed without an answer."""
    latency_ms: float = 0.0
    down: bool = False
    """Connections are closed without an answer, and nothing is done."""
    unfound_rate: float = 0.0
    """Reconciliation says of a transaction that there is none."""


@dataclass(frozen=True)
class Answers:
    """How sales are decided; what is left over is accepted."""

    declined_rate: float = 0.0
    error_rate: float = 0.0
    refused_rate: float = 0.0
    """For what was said of the debtor: there is no transaction. Decided before the others."""


@dataclass(frozen=True)
class Sale:
    """A sale as it was asked for."""

    transaction_id: str
    amount_cents: int
    currency: str
    iban: str = field(repr=False)
    country: str


@dataclass
class Payment:
    """One transaction and what happened to it."""

    unique_id: str
    transaction_id: str
    transaction_type: str
    amount_cents: int
    currency: str
    wpf: bool
    events: list[Event]
    told_iban: str = field(default="", repr=False)
    """The account as notifications name it; empty where only the merchant's own sale knows it."""
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    @property
    def status(self) -> str:
        """The latest status, in the gateway's words."""
        return self.events[-1][1]


@dataclass(frozen=True)
class Debit:
    """Money taken. A correct merchant has one per debt."""

    unique_id: str
    transaction_id: str
    amount_cents: int
    iban_sha256: str


@dataclass(frozen=True)
class Chargeback:
    """A dispute as the chargeback interface lists it."""

    unique_id: str
    event: str
    post_date: date
    amount_cents: int
    currency: str
    transaction_type: str
    reason_code: str
    reason: str


@dataclass(frozen=True)
class Try:
    """One delivery of one notification."""

    at_s: float
    answer: str
    echoed: bool


@dataclass
class Delivery:
    """One notification on its way."""

    unique_id: str
    event: str
    status: str
    tries: list[Try] = field(default_factory=list)
    state: str = "waiting"


class World:
    """The truth."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.faults = Faults()
        self.answers = Answers()
        self.payments: dict[str, Payment] = {}
        self.by_transaction_id: dict[str, str] = {}
        self.debits: list[Debit] = []
        self.chargebacks: list[Chargeback] = []
        self.deliveries: list[Delivery] = []
        self.calls: Counter[str] = Counter()
        self.started_s = time.monotonic()
        # Reproducible, not unguessable, is what is wanted here.
        self._rng = Random(seed)  # noqa: S311

    def chance(self, rate: float) -> bool:
        """Whether something that happens at that rate happens now."""
        return self._rng.random() < rate

    def refuses(self, sale: Sale) -> bool:
        """Whether no transaction is made of a sale."""
        return self.lot(sale.transaction_id) < self.answers.refused_rate

    def sell(self, sale: Sale) -> Payment:
        """Decide a sale and keep it; only what is accepted is a debit."""
        lot = self.lot(sale.transaction_id)
        status = "pending_async"
        if lot < self.answers.declined_rate:
            status = "declined"
        elif lot < self.answers.declined_rate + self.answers.error_rate:
            status = "error"
        unique_id = hashlib.sha256(f"{self.seed}\n{sale.transaction_id}".encode()).hexdigest()[:32]
        payment = Payment(
            unique_id=unique_id,
            transaction_id=sale.transaction_id,
            transaction_type="sdd_sale",
            amount_cents=sale.amount_cents,
            currency=sale.currency,
            wpf=False,
            events=[("", status)],
        )
        self._keep(payment)
        if status == "pending_async":
            digest = hashlib.sha256(sale.iban.encode()).hexdigest()
            self.debits.append(
                Debit(unique_id, sale.transaction_id, sale.amount_cents, iban_sha256=digest)
            )
        return payment

    def tell(self, story: Story) -> Payment:
        """Keep a payment that was made up, with its whole life."""
        payment = Payment(
            unique_id=story.unique_id,
            transaction_id=story.transaction_id,
            transaction_type="sale" if story.wpf else "sdd_sale",
            amount_cents=story.amount_cents,
            currency="EUR",
            wpf=story.wpf,
            events=[],
            told_iban=story.iban,
        )
        self._keep(payment)
        for event in story.events:
            self.happen(payment, event, datetime.now(UTC).date())
        return payment

    def happen(self, payment: Payment, event: Event, day: date) -> None:
        """Let something happen to a payment."""
        payment.events.append(event)
        if event[0] in CHARGEBACK_TYPES:
            code, reason = self.reason_of(payment)
            self.chargebacks.append(
                Chargeback(
                    payment.unique_id,
                    event[0],
                    day,
                    payment.amount_cents,
                    payment.currency,
                    payment.transaction_type,
                    code,
                    reason,
                )
            )

    def reason_of(self, payment: Payment) -> tuple[str, str]:
        """Why a payment's debit comes back, if it does: code and words, whoever asks."""
        return REASONS[int(self.lot(payment.unique_id) * len(REASONS))]

    def lot(self, word: str) -> float:
        """A number between 0 and 1 that follows from the seed and a word."""
        digest = hashlib.sha256(f"{self.seed}\nlot\n{word}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64

    def truth(self) -> Iterator[tuple[str, dict[str, object]]]:
        """What must be known of each payment once everything has arrived."""
        for unique_id, payment in self.payments.items():
            yield (
                unique_id,
                {
                    "transaction_id": payment.transaction_id,
                    "kind": "wpf" if payment.wpf else "processing",
                    "amount_cents": payment.amount_cents,
                    "events": [list(event) for event in dict.fromkeys(payment.events)],
                    "iban": payment.told_iban,
                    "reason_codes": self._told_reasons(payment),
                    "final": final_status(payment.events),
                },
            )

    def _told_reasons(self, payment: Payment) -> list[str]:
        disputed = any(name in CHARGEBACK_TYPES for name, _status in payment.events)
        return [self.reason_of(payment)[0]] if disputed else []

    def _keep(self, payment: Payment) -> None:
        self.payments[payment.unique_id] = payment
        self.by_transaction_id[payment.transaction_id] = payment.unique_id
