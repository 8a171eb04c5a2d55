"""Scenarios that send what a hostile caller would: tables of cases, and what may come back.

A case is one thing that is wrong. Its answer must be a refusal, soon, and nothing else may have
happened: no effect, no row, no line of the log that holds what was sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from golive.errors import UnobservableError
from golive.model.finding import Ruling, inconclusive, passed
from golive.model.notification import signature_of
from golive.model.outcome import Outcome
from golive.model.ports import Gate
from golive.model.raw import Header, RawReply, Sending, request
from golive.model.slo import Slo

M = TypeVar("M")

REFUSED = (4,)
"""Any status in the 400s; a single digit stands for its hundred."""

FORM_TYPE = "application/x-www-form-urlencoded"
SERVER_ERRORS = 500


@dataclass(frozen=True)
class Case(Generic[M]):
    """One hostile thing: how it is made, and what may come back within which time.

    `may_close` says that a connection closed without a word is a refusal too; `rows`, how many
    debtors it may make at most.
    """

    name: str
    make: Callable[[M], Sending]
    statuses: tuple[int, ...] = REFUSED
    may_close: bool = False
    within_seconds: float = 10.0
    rows: int = 0


@dataclass(frozen=True)
class Tried:
    """A case that was tried. `happened` is what must not have happened (empty = it did not)."""

    case: str
    expected: tuple[int, ...]
    may_close: bool
    statuses: tuple[int, ...]
    ending: str
    milliseconds: float
    limit_ms: float
    happened: str
    sent: str


def attempt(gate: Gate, case: Case[M], maker: M) -> tuple[Tried, RawReply]:
    """Send a case and keep what came back."""
    sending = case.make(maker)
    reply = gate.raw.exchange(sending, within_seconds=case.within_seconds)
    tried = Tried(
        case=case.name,
        expected=case.statuses,
        may_close=case.may_close,
        statuses=reply.statuses,
        ending=reply.ending,
        milliseconds=reply.milliseconds,
        limit_ms=case.within_seconds * 1000,
        happened="",
        sent=sending.shown,
    )
    return tried, reply


def all_refused(seen: Sequence[Tried], _slo: Slo) -> Ruling:
    """Every case was answered as it must be, in time, and nothing else happened."""
    wrong = [(one, what) for one in seen if (what := wrong_with(one))]
    figures = {"cases": len(seen), "slowest_ms": max((one.milliseconds for one in seen), default=0)}
    if not wrong:
        if not seen:
            return inconclusive("no case applies to this target")
        return passed(f"{len(seen)} hostile cases, each answered as it must be, in time", **figures)
    first, what = wrong[0]
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    story = "\n".join(f"{one.case}: {what}\n    {one.sent}" for one, what in wrong)
    summary = f"{first.case}: {what}{more}"
    return Ruling(Outcome.FAIL, summary, {**figures, "wrong": len(wrong)}, witness=story)


def wrong_with(one: Tried) -> str:
    """What is wrong with how a case was answered (empty = nothing)."""
    if one.happened:
        return one.happened
    if not one.statuses:
        if one.ending == "closed" and one.may_close:
            return ""
        return f"no answer within {one.limit_ms / 1000:g} s, the connection was {one.ending}"
    status = one.statuses[0]
    if status in one.expected or status // 100 in one.expected:
        return ""
    expected = " or ".join(f"{it}xx" if it < 10 else str(it) for it in one.expected)  # noqa: PLR2004
    return f"answered {status}, not {expected}"


class Forger:
    """Makes notifications that differ in one thing from an honest one, each about a new payment."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.unique_id = gate.webhook.sample().unique_id

    @property
    def url(self) -> str:
        """The webhook."""
        section = self.gate.target.webhook
        return self.gate.url(section.path if section else "/")

    def signature(self, unique_id: str | None = None) -> str:
        """The right signature of this payment, or of another."""
        return self.gate.webhook.signature(self.unique_id if unique_id is None else unique_id)

    def wrongly_signed(self, password: str) -> str:
        """What somebody signs who has another password."""
        section = self.gate.target.webhook
        return signature_of(self.unique_id, password, section.signature if section else "sha1")

    def fields(self, **changes: str | None) -> dict[str, str]:
        """An honest notification with changes; what is None is left out."""
        honest: dict[str, str | None] = {
            "transaction_id": f"{self.gate.marker}-{self.unique_id[:8]}",
            "unique_id": self.unique_id,
            "transaction_type": "sdd_sale",
            "status": "approved",
            "amount": "1000",
            "signature": self.signature(changes.get("unique_id") or None),
        }
        return {name: text for name, text in (honest | changes).items() if text is not None}

    def form(self, **changes: str | None) -> Sending:
        """An honest form with changes, signed unless the signature is changed."""
        return self.pairs(*self.fields(**changes).items())

    def pairs(self, *pairs: tuple[str, str]) -> Sending:
        """A form of these fields, in their order, repeated ones too."""
        return self.body(encoded(pairs))

    def body(self, content: bytes, media_type: str | None = FORM_TYPE, *more: Header) -> Sending:
        """A body of any kind."""
        headers = (("Content-Type", media_type),) if media_type is not None else ()
        return request("POST", self.url, (*headers, *more), content)


def encoded(pairs: Sequence[tuple[str, str]]) -> bytes:
    """A form's body; lone surrogates stand for the bytes that they escape."""
    return "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in pairs).encode()


def _quoted(text: str) -> str:
    # Every byte escaped that is not a letter or a digit, so that what is odd arrives as it is.
    content = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in content)  # noqa: PLR2004


def forge_all(gate: Gate, cases: Sequence[Case[Forger]]) -> Iterator[Tried]:
    """Send forged notifications, then look for effects that they must not have had."""
    forgers = [Forger(gate) for _ in cases]
    tried = [attempt(gate, *pair)[0] for pair in zip(cases, forgers, strict=True)]
    observable = gate.target.has("observe.sql.effects")
    if observable:
        await_honest_effect(gate)
    for one, forger in zip(tried, forgers, strict=True):
        effects = gate.sql.effects(forger.unique_id) if observable else 0
        allowed = 1 if one.statuses and one.statuses[0] < 400 else 0  # noqa: PLR2004
        yield replace(one, happened=f"it had its effect {effects}x" if effects > allowed else "")


def await_honest_effect(gate: Gate) -> None:
    """Wait until an honest notification has its effect: those sent before it had their time."""
    honest = gate.webhook.sample()
    gate.webhook.send(honest)
    if not gate.until(lambda: gate.sql.effects(honest.unique_id), bool, within_seconds=20.0):
        raise UnobservableError(
            "SQL", "an honest notification had no effect, so forged ones prove nothing"
        )
