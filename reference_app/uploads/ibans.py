"""IBANs: cleaned of what spreadsheets add, then validated; nothing is ever guessed."""

import re
import unicodedata

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

MAX_RAW_CHARS = 100

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015'\u2019]")
_PREFIX = re.compile(r"^IBAN:?", re.IGNORECASE)


class IbanError(Exception):
    """The text is no valid IBAN; the message says why, without the text."""


def normalise(raw: str) -> str:
    """Remove what is invisible or mere grouping. The letter O stays one: zero would be a guess."""
    # ASCII has nothing invisible but separators, and is what nearly every cell is.
    visible = raw if raw.isascii() else _visible(raw)
    bare = _SEPARATORS.sub("", visible)
    return _PREFIX.sub("", bare).upper()


def _visible(raw: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", raw) if unicodedata.category(c) != "Cf")


def parse_iban(raw: str) -> str:
    """The IBAN in its electronic form."""
    if len(raw) > MAX_RAW_CHARS:
        raise IbanError("IBAN is too long")
    candidate = normalise(raw)
    if not candidate:
        raise IbanError("IBAN is missing")
    if not (candidate.isascii() and candidate.isalnum()):
        raise IbanError("IBAN has characters that no IBAN has")
    try:
        return str(IBAN(candidate).compact)
    except SchwiftyException as error:
        raise IbanError(f"IBAN is not valid ({type(error).__name__})") from None
