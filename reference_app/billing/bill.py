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
    Unknown,
)
from reference_app.billing.throttle import Breaker, CircuitOpenError, Throttle
from reference_app.job_database import JobDatabase
from reference_app.webhooks.notification import Notification
from reference_app.webhooks.reasons import ReasonPolicy

T = TypeVar("T")

log = structlog.get_logger("billing")


class BatchEnd(Enum):
    """How far a run has come with a batch."""

    DONE = "done"
    UNKNOWN_LEFT = "unknown-left"
    CIRCUIT_OPEN = "circuit-open"


class _FateUnknownError(Exception):
    """Carries an unknown outcome through the circuit breaker, as the failure that it is."""


@dataclass(frozen=True)
class Biller:
    """Bills batches."""

    database: JobDatabase
    gateway: Gateway
    throttle: Throttle
    breaker: Breaker
    limits: AmountLimits
    policy: ReasonPolicy

    def bill(self, batch: Batch) -> BatchEnd:
        """Bill who has not been billed yet; what cannot be done now is left for another run."""
        with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            opened = attempts.open_batch(connection, batch)
        end = BatchEnd.DONE
        for debtor_id in opened.unsettled:
            try:
                if not self._bill_one(debtor_id, fresh=debtor_id in opened.fresh):
                    end = BatchEnd.UNKNOWN_LEFT
            except CircuitOpenError:
                end = BatchEnd.CIRCUIT_OPEN
                break
        log.info("batch_ended", upload_id=str(batch.upload_id), first=batch.first_id, end=end.value)
        return end

    def _bill_one(self, debtor_id: int, *, fresh: bool) -> bool:
        """False if the fate of this one is unknown now."""
        with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            attempt = attempts.take(connection, debtor_id)
            if attempt is None:
                return True
            untried = fresh and attempt.status == "sending"
            try:
                known = None if untried else self._ask_back(attempt)
            except GatewayUnavailableError as error:
                log.warning("not_asked_back", attempt_id=attempt.id, cause=str(error))
                return False
            reason = None if known else refusal(attempt.candidate, self.limits)
            if reason:
                attempts.refuse(connection, attempt.id, reason)
                return True
            outcome = Sent(known) if known else self._sell(attempt)
            attempts.settle(connection, attempt.id, outcome, self.policy)
        log.info("attempt_settled", attempt_id=attempt.id, outcome=type(outcome).__name__.lower())
        return not isinstance(outcome, Unknown)

    def _ask_back(self, attempt: Attempt) -> Notification | None:
        return self._guarded(
            lambda: self.gateway.find(unique_id=None, transaction_id=attempt.transaction_id)
        )

    def _sell(self, attempt: Attempt) -> Sent | Rejected | Unknown:
        candidate = attempt.candidate
        sale = Sale(
            attempt.transaction_id,
            candidate.amount_cents,
            candidate.currency,
            candidate.iban,
            candidate.name,
        )
        try:
            outcome = self._guarded(lambda: self._sell_once(sale))
            if isinstance(outcome, Rejected):
                # It may have been refused because the gateway has it already.
                known = self._ask_back(attempt)
                return Sent(known) if known else outcome
        except (_FateUnknownError, GatewayUnavailableError) as error:
            return Unknown(str(error))
        return outcome

    def _sell_once(self, sale: Sale) -> Sent | Rejected:
        outcome = self.gateway.sell(sale)
        if isinstance(outcome, Unknown):
            raise _FateUnknownError(outcome.why)
        return outcome

    def _guarded(self, call: Callable[[], T]) -> T:
        self.throttle.wait()
        return self.breaker.call(call)
