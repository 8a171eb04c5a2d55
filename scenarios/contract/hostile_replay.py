"""A signature that somebody overheard: it signs an id, and neither status nor amount."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Forger, Gate, Ruling, Slo, failed, inconclusive, passed, scenario

EFFECT_SECONDS = 20.0
FINAL = "chargebacked"
CHANGES: dict[str, dict[str, str]] = {
    "the same again": {},
    "another amount": {"amount": "999999"},
    "no amount": {"amount": ""},
    "another type": {"transaction_type": "payout"},
    "approved once more": {"status": "approved"},
    "pending once more": {"status": "pending_async"},
    "declined after all": {"status": "declined"},
    "in capitals": {"status": FINAL.upper()},
}


@dataclass(frozen=True)
class Replayed:
    """A true notification of a chargeback, and one with its signature and something changed."""

    case: str
    status: int | None
    state_before: str | None
    state_after: str | None
    same_event: bool
    effects: int
    sent: str


def nothing_is_undone(seen: Sequence[Replayed], _slo: Slo) -> Ruling:
    """The payment stays where the gateway put it, and no event has a second effect."""
    for one in seen:
        told = f"a replayed signature with {one.case}"
        if one.state_before is None:
            return inconclusive("the true notification had no effect to be undone")
        if one.state_after != one.state_before:
            return failed(
                f"{told} made {one.state_after} of {one.state_before}: {one.sent}", cases=len(seen)
            )
        if one.same_event and one.effects > 1:
            return failed(f"{told} had a second effect: {one.sent}", cases=len(seen))
        if one.status is None or one.status >= 500:  # noqa: PLR2004
            return failed(f"{told} was answered {one.status}: {one.sent}", cases=len(seen))
    return passed(f"{len(seen)} replays undid nothing and repeated nothing", cases=len(seen))


@scenario(
    needs=[Capability.WEBHOOK, Capability.SQL],
    requires=["observe.sql.state", "observe.sql.effects"],
    evidence=Replayed,
    check=nothing_is_undone,
    remediation="Let states of a payment move in one direction only, know an event again by id, "
    "event and status, ask the gateway back before what cannot be undone, and take notifications "
    "from its addresses only.",
    deadline_seconds=90.0,
)
def hostile_replay(gate: Gate) -> Iterator[Replayed]:
    """Whoever replays a signature with another status undoes nothing."""
    forgers = {case: Forger(gate) for case in CHANGES}
    for forger in forgers.values():
        gate.raw.exchange(forger.form(status=FINAL), within_seconds=10.0)
    before = {case: state_of(gate, forger.unique_id) for case, forger in forgers.items()}
    sendings = {case: forger.form(status=FINAL) for case, forger in forgers.items()}
    for case, change in CHANGES.items():
        fields: dict[str, str | None] = {"status": FINAL, **change}
        sendings[case] = forgers[case].form(**fields)
    answers = {
        case: gate.raw.exchange(sending, within_seconds=10.0).status
        for case, sending in sendings.items()
    }
    # What comes behind them in the queue had its effect: so had they.
    honest = gate.webhook.sample()
    gate.webhook.send(honest)
    gate.until(lambda: gate.sql.effects(honest.unique_id), bool, within_seconds=EFFECT_SECONDS)
    for case, forger in forgers.items():
        yield Replayed(
            case=case,
            status=answers[case],
            state_before=before[case],
            state_after=gate.sql.state(forger.unique_id),
            same_event="status" not in CHANGES[case],
            effects=gate.sql.effects(forger.unique_id),
            sent=sendings[case].shown,
        )


def state_of(gate: Gate, unique_id: str) -> str | None:
    """The payment's state, once there is one."""
    return gate.until(
        lambda: gate.sql.state(unique_id),
        lambda state: state is not None,
        within_seconds=EFFECT_SECONDS,
    )
