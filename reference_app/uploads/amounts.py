"""Amounts as people write them, read without ever guessing, and counted in cents.

The policy: one separator with one or two digits after it is a decimal separator, whether point or
comma. Thousands are taken only when the writing cannot mean anything else: a point and a comma
both present, or spaces or apostrophes. A lone point or comma before exactly three digits ("1.234")
is refused, because half of Europe would read it as a thousand times the other half. No signs, no
brackets, no exponents: a debt to collect is none of these.
"""

import math
import re
import unicodedata
from decimal import Decimal

CURRENCY = "EUR"
MIN_CENTS = 1
MAX_CENTS = 99_999_999_999
"""A SEPA direct debit holds at most 999 999 999.99 euros."""

MAX_RAW_CHARS = 100
"""Refused before any pattern sees it: the time that some need grows with the square."""

MAX_WRITTEN_CHARS = 30

_CURRENCY = re.compile(r"^(?:€|EUR)\s*|\s*(?:€|EUR)$", re.IGNORECASE)
# What nearly all files have, known at a glance: the general way takes five times as long.
_COMMON = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{2}))?")
_AMBIGUOUS = re.compile(r"\d+[.,]\d{3}")
_PLAIN = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")
_GROUPED = (
    re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d{1,2})"),
    re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d{1,2})"),
    re.compile(r"(\d{1,3}(?: \d{3})+)(?:[.,](\d{1,2}))?"),
    re.compile(r"(\d{1,3}(?:['\u2019]\d{3})+)(?:[.,](\d{1,2}))?"),
)


class AmountError(Exception):
    """The text is no amount that can be collected; the message says why."""


def parse_cents(raw: str) -> int:
    """The amount in cents."""
    if len(raw) > MAX_RAW_CHARS:
        raise AmountError("amount is too long")
    plain = _COMMON.fullmatch(raw)
    if plain:
        return _in_range(int(plain[1]) * 100 + int(plain[2] or 0))
    # NFKC makes the many spaces of many spreadsheets one, and full-width digits plain.
    text = _CURRENCY.sub("", unicodedata.normalize("NFKC", raw).strip()).strip()
    if not text:
        raise AmountError("amount is missing")
    if not text.isascii() and "\u2019" not in text:
        raise AmountError("amount is not a number")
    if _AMBIGUOUS.fullmatch(text):
        raise AmountError("amount is ambiguous: thousands or decimals?")
    euros, cents = _parts(text)
    return _in_range(int(Decimal(f"{euros}.{cents.ljust(2, '0')}") * 100))


def _in_range(cents: int) -> int:
    if not MIN_CENTS <= cents <= MAX_CENTS:
        raise AmountError("amount is out of range")
    return cents


def cents_of_number(number: float) -> int:
    """The amount of a cell that holds a number, in cents.

    Spreadsheets compute in binary and show fifteen digits; what is beyond them is noise. What
    then has more than two decimals is refused, not rounded: which half cent was meant?
    """
    if not math.isfinite(number):
        raise AmountError("amount is not a number")
    cents = Decimal(f"{number:.15g}") * 100
    if cents != cents.to_integral_value():
        raise AmountError("amount has more than two decimals")
    return _in_range(int(cents))


def _parts(text: str) -> tuple[str, str]:
    for pattern in (_PLAIN, *_GROUPED):
        match = pattern.fullmatch(text)
        if match and len(text) <= MAX_WRITTEN_CHARS:
            return re.sub(r"\D", "", match[1]), match[2] or ""
    raise AmountError("amount is not a plain positive number")
