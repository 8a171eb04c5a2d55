"""Why debits come back, and what follows: the policy on SEPA's reason codes.

Which code leads where is configuration (`BLACKLIST_CODES`, `REVIEW_CODES`, `OWN_FAULT_CODES`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import psycopg
import structlog

from reference_app.settings import Settings
from reference_app.uploads.ibans import IbanError, parse_iban

ACCOUNT_FIELDS = ("bank_account_number", "iban")

log = structlog.get_logger("webhooks")


class Level(Enum):
    """What becomes of the IBAN."""

    BLOCK = "block"
    """Never debited again."""
    REVIEW = "review"
    """A person decides."""


@dataclass(frozen=True)
class ReasonPolicy:
    """Which reason code means what."""

    block: frozenset[str]
    review: frozenset[str]
    own_fault: frozenset[str]
    """Technical: our data or our doing, so people are told and nobody is blacklisted."""

    def level(self, reason_code: str | None) -> Level | None:
        """The consequence of a reason code, if any."""
        if should_blacklist_code(reason_code, self):
            return Level.BLOCK
        return Level.REVIEW if reason_code in self.review else None


def policy_of(settings: Settings) -> ReasonPolicy:
    """The policy as configured."""
    return ReasonPolicy(settings.blacklist_codes, settings.review_codes, settings.own_fault_codes)


def should_blacklist_code(reason_code: str | None, policy: ReasonPolicy) -> bool:
    """Whether the debtor's account must never be debited again."""
    return reason_code in policy.block


def apply_reasons(connection: psycopg.Connection, unique_id: str, policy: ReasonPolicy) -> None:
    """Blacklist the account of a payment for all reasons that the gateway has given for it.

    Called by both sides, whichever comes last: when a reason arrives, and when a debit learns its
    unique_id. Each does so after it has locked the payment's row, so that one sees the other.
    """
    reasons = _reasons(connection, unique_id, policy)
    if not reasons:
        return
    for iban in _accounts(connection, unique_id):
        for code, level in reasons.items():
            connection.execute(
                """INSERT INTO blacklisted_ibans (iban, reason_code, level, unique_id)
                   VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING""",
                (iban, code, level.value, unique_id),
            )
            log.info("blacklisted", unique_id=unique_id, reason_code=code, level=level.value)


def _reasons(
    connection: psycopg.Connection, unique_id: str, policy: ReasonPolicy
) -> Mapping[str, Level]:
    rows = connection.execute(
        """SELECT DISTINCT reason_code FROM webhook_events
           WHERE unique_id = %s AND reason_code IS NOT NULL""",
        (unique_id,),
    )
    levels = {str(code): policy.level(str(code)) for (code,) in rows}
    return {code: level for code, level in levels.items() if level}


def _accounts(connection: psycopg.Connection, unique_id: str) -> set[str]:
    billed = connection.execute(
        """SELECT debtors.iban FROM billing_attempts
           JOIN debtors ON debtors.id = billing_attempts.debtor_id
           WHERE billing_attempts.unique_id = %s""",
        (unique_id,),
    )
    told = connection.execute(
        "SELECT payload FROM webhook_events WHERE unique_id = %s", (unique_id,)
    )
    return {str(iban) for (iban,) in billed} | {
        iban for (payload,) in told for iban in _told_accounts(payload)
    }


def _told_accounts(payload: Mapping[str, str]) -> list[str]:
    found = []
    for name in ACCOUNT_FIELDS:
        try:
            found.append(parse_iban(payload.get(name, "")))
        # Absent, masked or of another country's kind: then only our own debit knows the account.
        except IbanError:
            continue
    return found
