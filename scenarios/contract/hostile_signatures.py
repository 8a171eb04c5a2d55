"""Notifications that the gateway did not sign: every way to sign them nearly."""

import base64
import hashlib
from collections.abc import Iterator

from golive.api import Capability, Case, Forger, Gate, Tried, all_refused, forge_all, scenario

UNSIGNED = (400, 401, 403, 413, 422)
KILOBYTES = 10 * 1024


def base64_of(digest: str) -> str:
    """The same digest in another alphabet."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def flipped(digest: str, place: int) -> str:
    """The digest with one digit changed."""
    other = "0" if digest[place] != "0" else "1"
    characters = [*digest]
    characters[place] = other
    return "".join(characters)


def beside(forger: Forger, first: str, second: str) -> tuple[tuple[str, str], ...]:
    """An honest form with two signatures."""
    rest = forger.fields(signature=None)
    return (*rest.items(), ("signature", first), ("signature", second))


CASES: tuple[Case[Forger], ...] = (
    Case("no signature", lambda it: it.form(signature=None), UNSIGNED),
    Case("an empty signature", lambda it: it.form(signature=""), UNSIGNED),
    Case("a blank", lambda it: it.form(signature=" "), UNSIGNED),
    Case("of another id", lambda it: it.form(signature=it.signature("another")), UNSIGNED),
    Case("of no id", lambda it: it.form(signature=it.signature("")), UNSIGNED),
    Case(
        "with another password",
        lambda it: it.form(signature=it.wrongly_signed("golive-wrong")),
        UNSIGNED,
    ),
    Case("with no password", lambda it: it.form(signature=it.wrongly_signed("")), UNSIGNED),
    Case("in upper case", lambda it: it.form(signature=it.signature().upper()), UNSIGNED),
    Case("without its last digit", lambda it: it.form(signature=it.signature()[:-1]), UNSIGNED),
    Case("its first eight digits", lambda it: it.form(signature=it.signature()[:8]), UNSIGNED),
    Case(
        "its first eight digits, then zeros",
        lambda it: it.form(signature=it.signature()[:8].ljust(len(it.signature()), "0")),
        UNSIGNED,
    ),
    Case(
        "its first half, then zeros",
        lambda it: it.form(signature=it.signature()[:20].ljust(len(it.signature()), "0")),
        UNSIGNED,
    ),
    Case("first digit wrong", lambda it: it.form(signature=flipped(it.signature(), 0)), UNSIGNED),
    Case("last digit wrong", lambda it: it.form(signature=flipped(it.signature(), -1)), UNSIGNED),
    Case("the right one twice over", lambda it: it.form(signature=it.signature() * 2), UNSIGNED),
    Case("a blank after it", lambda it: it.form(signature=f"{it.signature()} "), UNSIGNED),
    Case("a blank before it", lambda it: it.form(signature=f" {it.signature()}"), UNSIGNED),
    Case("a line end after it", lambda it: it.form(signature=f"{it.signature()}\n"), UNSIGNED),
    Case("a NUL after it", lambda it: it.form(signature=f"{it.signature()}\0"), UNSIGNED),
    Case("in base64", lambda it: it.form(signature=base64_of(it.signature())), UNSIGNED),
    Case(
        "an MD5 of the id",
        lambda it: it.form(signature=hashlib.md5(it.unique_id.encode()).hexdigest()),  # noqa: S324
        UNSIGNED,
    ),
    Case("zeros", lambda it: it.form(signature="0" * len(it.signature())), UNSIGNED),
    Case("the word null", lambda it: it.form(signature="null"), UNSIGNED),
    Case("the word true", lambda it: it.form(signature="true"), UNSIGNED),
    Case("a piece of SQL", lambda it: it.form(signature="' or '1'='1"), UNSIGNED),
    Case("ten kilobytes", lambda it: it.form(signature="a" * KILOBYTES), UNSIGNED),
    Case(
        "full-width digits",
        lambda it: it.form(
            signature=it.signature().translate({48: 0xFF10, 49: 0xFF11, 97: 0xFF41})
        ),
        UNSIGNED,
    ),
    Case(
        "the right one before a wrong one",
        lambda it: it.pairs(*beside(it, it.signature(), "0" * 40)),
        UNSIGNED,
    ),
    Case(
        "the right one after a wrong one",
        lambda it: it.pairs(*beside(it, "0" * 40, it.signature())),
        UNSIGNED,
    ),
    Case(
        "as a list",
        lambda it: it.pairs(*it.fields(signature=None).items(), ("signature[]", it.signature())),
        UNSIGNED,
    ),
    Case(
        "in a header alone",
        lambda it: it.body(
            b"unique_id=%s&status=approved" % it.unique_id.encode(),
            "application/x-www-form-urlencoded",
            ("Signature", it.signature()),
        ),
        UNSIGNED,
    ),
)


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Tried,
    check=all_refused,
    remediation="Compare the whole signature, of the hash's full length, in constant time, before "
    "anything is claimed or queued.",
    deadline_seconds=90.0,
)
def hostile_signatures(gate: Gate) -> Iterator[Tried]:
    """A notification that is not signed exactly right is refused and has no effect."""
    yield from forge_all(gate, CASES)
