"""The rules of billing that need no server: who is billed, who is checked, what a dispute means."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.billing.chargebacks import notification_of
from reference_app.billing.eligibility import COUNTRIES, AmountLimits, Candidate, refusal
from reference_app.billing.payees import in_sample, verdict_of
from reference_app.webhooks.statuses import map_emp_status

LIMITS = AmountLimits(10, 5_000_000)
GOOD = Candidate("DE89370400440532013000", "Anna Roth", 500, "EUR", blocked=False, payee=None)


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"blocked": True}, "blacklisted"),
        ({"payee": "no_match"}, "another name"),
        ({"iban": "CH9300762011623852957"}, "country"),
        ({"iban": "GB29NWBK60161331926819"}, "country"),
        ({"currency": "USD"}, "currency"),
        ({"amount_cents": 9}, "too small"),
        ({"amount_cents": 5_000_001}, "too large"),
    ],
)
def test_who_may_not_be_billed_is_refused_with_a_reason(
    changes: dict[str, object], word: str
) -> None:
    """Each rule by itself is enough."""
    reason = refusal(replace(GOOD, **changes), LIMITS)  # type: ignore[arg-type]

    assert reason is not None
    assert word in reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"payee": "close_match"},
        {"payee": "unavailable"},
        {"amount_cents": 10},
        {"amount_cents": 5_000_000},
        {"iban": "GR1601101250000000012300695"},
    ],
)
def test_nobody_else_is_refused(changes: dict[str, object]) -> None:
    """A provider that cannot tell does not block, and limits belong to what they allow."""
    assert refusal(replace(GOOD, **changes), LIMITS) is None  # type: ignore[arg-type]


def test_there_are_twenty_one_countries() -> None:
    """Fewer than SEPA has, and Greece under the code of its IBANs."""
    assert len(COUNTRIES) == 21
    assert "GR" in COUNTRIES


@given(st.integers(1, 2**40), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_sample_holds_the_smaller_one(debtor_id: int, one: float, other: float) -> None:
    """So that a run with a higher share never drops who was checked before."""
    smaller, larger = sorted((one, other))
    assert in_sample(debtor_id, smaller) <= in_sample(debtor_id, larger)


def test_the_sample_is_about_as_large_as_asked() -> None:
    """Nobody at 0, everybody at 100, and a tenth at 10."""
    ids = range(10_000)
    assert not any(in_sample(one, 0) for one in ids)
    assert all(in_sample(one, 100) for one in ids)
    assert 900 < sum(in_sample(one, 10) for one in ids) < 1100


@pytest.mark.parametrize(
    "document", [None, [], {}, {"result": "perhaps"}, {"result": ["match"]}, "match"]
)
def test_what_is_no_verdict_is_not_taken_for_one(document: object) -> None:
    """Whatever JSON a provider sends."""
    with pytest.raises(ValueError, match="no result"):
        verdict_of(document)


def test_a_verdict_keeps_the_name_it_can_keep() -> None:
    """Postgres takes no NUL, and a name of a megabyte is none."""
    assert verdict_of({"result": "match", "name": "A\0" + "b" * 500}).matched_name == (
        "A" + "b" * 139
    )
    assert verdict_of({"result": "match", "name": 5}).matched_name is None


@pytest.mark.parametrize(
    "kind, event, status",
    [
        ("1st Chargeback", "chargeback", "chargebacked"),
        ("1st chargeback", "chargeback", "chargebacked"),
        ("1st Chargeback Reversal", "chargeback_reversal", "chargeback_reversed"),
        ("2nd Chargeback", "second_chargeback", "second_chargebacked"),
        ("Re-presentment", "representment", "chargeback_reversed"),
        ("2nd Chargeback Reversal", "second_chargeback_reversal", "unknown"),
        ("Something new", "chargeback_other", "unknown"),
        ("", "chargeback_other", "unknown"),
    ],
)
def test_a_listed_dispute_is_the_notification_that_should_have_come(
    kind: str, event: str, status: str
) -> None:
    """It belongs to the original payment; a type nobody knows is seen as unknown."""
    item = {"type": kind, "original_transaction_unique_id": "abc", "chargeback_amount": "500"}
    news = notification_of(item)

    assert (news.unique_id, news.event, map_emp_status(news.status)) == ("abc", event, status)
    assert news.amount_cents == 500
