"""What the requests of a load are: new notifications, repeated ones, late ones, forged ones."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Literal, Protocol

from golive.model.load.shape import HALF, Stage, by_chance, due, evenly, seconds_of
from golive.model.notification import Hash, Notification, form_of, signature_of

REMEMBERED = 200
AMOUNT_CENTS = 1_000
FIRST = "approved"
LATER = "chargeback/chargebacked"


class Kind(StrEnum):
    """What a request is to the target; all but `forged` must be acknowledged."""

    NEW = "new"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out of order"
    CHARGEBACK = "chargeback"
    WPF = "wpf"
    FORGED = "forged"


@dataclass(frozen=True)
class Mix:
    """The share of each kind; what is left is new."""

    duplicates: float = 0.10
    out_of_order: float = 0.03
    chargebacks: float = 0.03
    wpf: float = 0.02
    forged: float = 0.02

    @property
    def shares(self) -> tuple[tuple[Kind, float], ...]:
        """The kinds that are not new, with their shares."""
        return (
            (Kind.DUPLICATE, self.duplicates),
            (Kind.OUT_OF_ORDER, self.out_of_order),
            (Kind.CHARGEBACK, self.chargebacks),
            (Kind.WPF, self.wpf),
            (Kind.FORGED, self.forged),
        )


NEW_ALONE = Mix(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class LoadPlan:
    """One load: its stages, how arrivals are spaced, what they are.

    An arrival is dropped, and counted, where `most_in_flight` others have no answer yet. With
    `no_errors` not a single request may fail. `files` are uploaded beside it, evenly spread.
    """

    stages: tuple[Stage, ...]
    arrivals: Literal["constant", "poisson"] = "poisson"
    mix: Mix = field(default_factory=Mix)
    timeout_seconds: float = 10.0
    most_in_flight: int = 2_000
    no_errors: bool = False
    files: int = 0
    rows: int = 50

    @property
    def seconds(self) -> float:
        """How long it takes to send everything."""
        return seconds_of(self.stages)


@dataclass(frozen=True)
class Arrival:
    """A request that is due, in seconds from the start; `about` is the number of its payment, and
    `what` the notification about it in the gateway's words: `status` or `event/status`.
    """

    number: int
    stage: int
    due_seconds: float
    kind: Kind
    about: int
    what: str


class Chance(Protocol):
    """Where what is random is drawn from."""

    def random(self) -> float:
        """A number from 0 up to, and without, 1."""


def arrivals(plan: LoadPlan, chance: Chance) -> Iterator[Arrival]:
    """Everything that is due, in order; the same chance gives the same load, on every worker."""
    gap = by_chance(chance.random) if plan.arrivals == "poisson" else evenly
    first = gap() if plan.arrivals == "poisson" else HALF
    drawing = _Drawing(plan.mix, chance)
    for number, (stage, seconds) in enumerate(due(plan.stages, gap, first)):
        kind, about, what = drawing.draw(number)
        yield Arrival(number, stage, seconds, kind, about, what)


class _Drawing:
    """Draws what is sent next, by what was sent before."""

    def __init__(self, mix: Mix, chance: Chance) -> None:
        self._shares = mix.shares
        self._chance = chance
        self._sales: deque[int] = deque(maxlen=REMEMBERED)
        self._early: deque[int] = deque()

    def draw(self, number: int) -> tuple[Kind, int, str]:
        kind = self._kind()
        if kind is Kind.OUT_OF_ORDER:
            return self._out_of_order(number)
        if kind in (Kind.DUPLICATE, Kind.CHARGEBACK):
            if self._sales:
                about = self._sales[int(self._chance.random() * len(self._sales))]
                return kind, about, FIRST if kind is Kind.DUPLICATE else LATER
            kind = Kind.NEW
        if kind is Kind.NEW:
            self._sales.append(number)
        return kind, number, FIRST

    def _kind(self) -> Kind:
        lot = self._chance.random()
        for kind, share in self._shares:
            if lot < share:
                return kind
            lot -= share
        return Kind.NEW

    def _out_of_order(self, number: int) -> tuple[Kind, int, str]:
        """First what comes last, then, another time, what came first."""
        if self._early:
            return Kind.OUT_OF_ORDER, self._early.popleft(), FIRST
        self._early.append(number)
        return Kind.OUT_OF_ORDER, number, LATER


@dataclass(frozen=True)
class Signing:
    """What notifications of one load are made with."""

    seed: str
    marker: str
    password: str
    algorithm: Hash


def unique_id_of(seed: str, about: int) -> str:
    """The id of a payment; a seed that names the run makes it one that no other run knows."""
    return blake2b(f"{seed}/{about}".encode(), digest_size=16).hexdigest()


def fields_of(arrival: Arrival, signing: Signing) -> dict[str, str]:
    """The form of an arrival, signed; a forged one with a password that is not the target's."""
    unique_id = unique_id_of(signing.seed, arrival.about)
    transaction_id = f"{signing.marker}-{unique_id[:8]}"
    if arrival.kind is Kind.WPF:
        return _wpf_form(unique_id, transaction_id, signing)
    event, _, status = arrival.what.rpartition("/")
    notification = Notification(
        unique_id=unique_id,
        transaction_id=transaction_id,
        status=status,
        amount_cents=AMOUNT_CENTS,
        event=event,
    )
    forged = arrival.kind is Kind.FORGED
    password = f"{signing.password[::-1]}-forged" if forged else signing.password
    return form_of(notification, password, signing.algorithm)


def _wpf_form(unique_id: str, transaction_id: str, signing: Signing) -> dict[str, str]:
    """The notification of a payment form: it is signed by, and echoed with, an id of its own."""
    return {
        "wpf_transaction_id": transaction_id,
        "wpf_unique_id": unique_id,
        "wpf_status": FIRST,
        "payment_transaction_unique_id": unique_id[::-1],
        "payment_transaction_amount": str(AMOUNT_CENTS),
        "notification_type": "wpf",
        "signature": signature_of(unique_id, signing.password, signing.algorithm),
    }


def share_of(number: int, index: int, workers: int) -> bool:
    """Whether an arrival is this worker's: each takes one of so many, in turn."""
    return number % workers == index
