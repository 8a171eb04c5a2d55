"""What can happen to a payment, and the status that must hold in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

Event = tuple[str, str]
"""Name of the event, empty for a plain change of status, and the gateway's status."""

_ACCEPTED: tuple[Event, ...] = (("", "pending_async"),)
_PAID: tuple[Event, ...] = (*_ACCEPTED, ("", "approved"))
_CHARGEBACKED: tuple[Event, ...] = (*_PAID, ("chargeback", "chargebacked"))
_REVERSED: tuple[Event, ...] = (*_CHARGEBACKED, ("chargeback_reversal", "chargeback_reversed"))

LIVES: Mapping[str, tuple[Event, ...]] = {
    "approved": _PAID,
    "declined": (*_ACCEPTED, ("", "declined")),
    "error": (*_ACCEPTED, ("", "error")),
    "voided": (*_PAID, ("", "voided")),
    "refunded": (*_PAID, ("", "refunded")),
    "chargebacked": _CHARGEBACKED,
    "chargeback_reversed": _REVERSED,
    "second_chargebacked": (*_REVERSED, ("second_chargeback", "second_chargebacked")),
    "unheard_of": (*_ACCEPTED, ("", "quarantined")),
    "wpf_approved": (("", "pending"), ("", "approved")),
    "wpf_timeout": (("", "pending"), ("", "timeout")),
}

DEFAULT_MIX: Mapping[str, float] = {
    "approved": 50,
    "declined": 12,
    "error": 5,
    "voided": 3,
    "refunded": 5,
    "chargebacked": 10,
    "chargeback_reversed": 4,
    "second_chargebacked": 2,
    "unheard_of": 2,
    "wpf_approved": 5,
    "wpf_timeout": 2,
}

# From weakest to strongest, with the status of the payment that each one means.
_HOLDS: tuple[tuple[str, str], ...] = (
    ("quarantined", "unknown"),
    ("pending", "pending"),
    ("pending_async", "pending"),
    ("error", "error"),
    ("timeout", "error"),
    ("declined", "declined"),
    ("approved", "approved"),
    ("voided", "voided"),
    ("refunded", "refunded"),
    ("chargebacked", "chargebacked"),
    ("chargeback_reversed", "chargeback_reversed"),
    ("second_chargebacked", "second_chargebacked"),
)
_RANK = {status: rank for rank, (status, _meaning) in enumerate(_HOLDS)}
_MEANING = dict(_HOLDS)


@dataclass(frozen=True)
class Story:
    """One payment's life, cut to the notifications that were ordered."""

    unique_id: str
    transaction_id: str
    amount_cents: int
    wpf: bool
    events: tuple[Event, ...]

    @property
    def iban(self) -> str:
        """An account of the payment's own, with a right checksum."""
        account = f"{int(self.unique_id, 16) % 10**18:018}"
        # D, E and the missing checksum, as ISO 7064 has it.
        return f"DE{98 - int(f'{account}131400') % 97:02}{account}"


def stories(seed: int, count: int, mix: Mapping[str, float]) -> Iterator[Story]:
    """Payments with `count` notifications in all; the same seed gives the same ones."""
    # Reproducible, not unguessable, is what is wanted here.
    rng = Random(seed)  # noqa: S311
    names, weights = list(mix), list(mix.values())
    left = count
    while left:
        name = rng.choices(names, weights)[0]
        events = LIVES[name][:left]
        left -= len(events)
        yield Story(
            unique_id=f"{rng.getrandbits(128):032x}",
            transaction_id=f"sim-{seed}-{rng.getrandbits(64):016x}",
            amount_cents=rng.randint(100, 50_000),
            wpf=name.startswith("wpf"),
            events=events,
        )


def final_status(events: tuple[Event, ...] | list[Event]) -> str:
    """The status that holds once all events have arrived, in whatever order."""
    return _MEANING[max((status for _event, status in events), key=_RANK.__getitem__)]
