"""Who is not billed, and why."""

from dataclasses import dataclass

COUNTRIES = frozenset(
    (
        *("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "IE", "IT"),
        *("LT", "LU", "LV", "MC", "MT", "NL", "PT", "SI", "SK", "SM"),
    )
)
"""Where the gateway collects direct debits: fewer than SEPA has."""
CURRENCY = "EUR"


@dataclass(frozen=True)
class AmountLimits:
    """Smallest and largest debit."""

    min_cents: int
    max_cents: int


@dataclass(frozen=True)
class Candidate:
    """A debtor, with what speaks against billing."""

    iban: str
    name: str
    amount_cents: int
    currency: str
    blocked: bool
    payee: str | None


def refusal(candidate: Candidate, limits: AmountLimits) -> str | None:
    """Why this debtor is not billed; None if nothing speaks against it."""
    checks = (
        (candidate.blocked, "The IBAN is blacklisted."),
        (candidate.payee == "no_match", "The account belongs to another name."),
        (candidate.iban[:2] not in COUNTRIES, "The country has no direct debit."),
        (candidate.currency != CURRENCY, "The currency is not EUR."),
        (candidate.amount_cents < limits.min_cents, "The amount is too small."),
        (candidate.amount_cents > limits.max_cents, "The amount is too large."),
    )
    return next((reason for applies, reason in checks if applies), None)
