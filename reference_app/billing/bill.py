"""Bills a batch of debtors: each once, whatever is killed, repeated, or run twice at once.

The row of an attempt is committed before the gateway is called, and held while it is. Who finds
an attempt that he has not made himself asks the gateway for it first. And should all that not
help, the transaction id is the same every time: the gateway takes it once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import structlog

from reference_app.billing import attempts
from reference_app.billing.attempts import Attempt, Batch
from reference_app.billing.eligibility import AmountLimits, refusal
from reference_app.billing.gateway import (
    Gateway,
    GatewayUnavailableError,
    Rejected,
    Sale,
    Sent,
    SentBefore,
    Unknown,
)
from reference_app.billing.throttle import Breaker, CircuitOpenError, Throttle
from reference_app.job_database import JobDatabase
from reference_app.webhooks.notification import Notification
from reference_app.webhooks.reasons import ReasonPolicy

T = TypeVar("T")
Outcome = Sent | Rejected | Unknown

log = structlog.get_logger("billing")


class BatchEnd(Enum):
    """How far a run has come with a batch."""

    DONE = "done"
    UNKNOWN_LEFT = "unknown-left"
    CIRCUIT_OPEN = "circuit-open"
    REJECTED_IN_A_ROW = "rejected-in-a-row"


class _FateUnknownError(Exception):
    """Carries an unknown outcome through the circuit breaker, as the failure that it is."""


class _SameRejections:
    """Counts one rejection in a row: then it is not about the debtors."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self.code = ""

    def reach_limit_with(self, outcome: Outcome | None) -> bool:
        """Count what came of a debtor; only answers of the gateway say anything."""
        if isinstance(outcome, Rejected):
            self._count = self._count + 1 if outcome.code == self.code else 1
            self.code = outcome.code
        elif isinstance(outcome, Sent):
            self._count = 0
        return self._count >= self._most


@dataclass(frozen=True)
class Biller:
    """Bills batches."""

    database: JobDatabase
    gateway: Gateway
    throttle: Throttle
    breaker: Breaker
    limits: AmountLimits
    policy: ReasonPolicy
    same_rejections: int
    """In a row; then the rest of the batch is left alone."""

    def bill(self, batch: Batch) -> BatchEnd:
        """Bill who has not been billed yet; what cannot be done now is left for another run."""
        with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            opened = attempts.open_batch(connection, batch)
        end, rejections = BatchEnd.DONE, _SameRejections(self.same_rejections)
        for debtor_id in opened.unsettled:
            try:
                outcome = self._bill_one(debtor_id, fresh=debtor_id in opened.fresh)
            except CircuitOpenError:
                end = BatchEnd.CIRCUIT_OPEN
                break
            if rejections.reach_limit_with(outcome):
                log.error("batch_stopped_our_settings_may_be_wrong", code=rejections.code)
                end = BatchEnd.REJECTED_IN_A_ROW
                break
            if isinstance(outcome, Unknown):
                end = BatchEnd.UNKNOWN_LEFT
        log.info("batch_ended", upload_id=str(batch.upload_id), first=batch.first_id, end=end.value)
        return end

    def _bill_one(self, debtor_id: int, *, fresh: bool) -> Outcome | None:
        """What came of it; None if the gateway was not asked to debit this one."""
        with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            attempt = attempts.take(connection, debtor_id)
            if attempt is None:
                return None
            untried = fresh and attempt.status == "sending"
            try:
                known = None if untried else self._ask_back(attempt)
            except GatewayUnavailableError as error:
                log.warning("not_asked_back", attempt_id=attempt.id, cause=str(error))
                return Unknown(str(error))
            reason = None if known else refusal(attempt.candidate, self.limits)
            if reason:
                attempts.refuse(connection, attempt.id, reason)
                return None
            outcome = Sent(known) if known else self._sell(attempt)
            attempts.settle(connection, attempt.id, outcome, self.policy)
        log.info("attempt_settled", attempt_id=attempt.id, outcome=type(outcome).__name__.lower())
        return outcome

    def _ask_back(self, attempt: Attempt) -> Notification | None:
        return self._guarded(
            lambda: self.gateway.find(unique_id=None, transaction_id=attempt.transaction_id)
        )

    def _sell(self, attempt: Attempt) -> Outcome:
        candidate = attempt.candidate
        sale = Sale(
            attempt.transaction_id,
            candidate.amount_cents,
            candidate.currency,
            candidate.iban,
            candidate.name,
        )
        try:
            return self._guarded(lambda: self._sell_once(sale))
        except (_FateUnknownError, GatewayUnavailableError) as error:
            return Unknown(str(error))

    def _sell_once(self, sale: Sale) -> Sent | Rejected:
        outcome = self.gateway.sell(sale)
        if isinstance(outcome, Unknown):
            raise _FateUnknownError(outcome.why)
        if isinstance(outcome, SentBefore):
            return self._sent_before(sale.transaction_id)
        return outcome

    def _sent_before(self, transaction_id: str) -> Sent:
        self.throttle.wait()
        known = self.gateway.find(unique_id=None, transaction_id=transaction_id)
        if known is None:
            # It says both that it has it and that it has not: it will know better in a while.
            raise _FateUnknownError("sent before, but not found")
        return Sent(known)

    def _guarded(self, call: Callable[[], T]) -> T:
        self.throttle.wait()
        return self.breaker.call(call)
