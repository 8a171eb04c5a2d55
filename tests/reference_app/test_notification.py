"""Parsing, identity and echo of notifications."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.http.problems import ProblemError
from reference_app.webhooks.notification import Notification, from_fields, parse_form

FIELDS = {"unique_id": "abc", "status": "approved", "amount": "500", "signature": "s"}


def notification(**changes: str) -> Notification:
    """A notification that differs from the usual one as told."""
    return from_fields({**FIELDS, **changes})


def test_one_payment_has_several_events() -> None:
    """Status and event are part of the identity; what else is said is not."""
    keys = {
        notification().key,
        notification(status="chargebacked").key,
        notification(status="chargebacked", event="chargeback").key,
        notification(unique_id="abd").key,
    }
    assert len(keys) == 4
    assert notification().key == notification(amount="1", event="").key


@given(
    st.tuples(*[st.text("ab-", min_size=1, max_size=4)] * 3),
    st.tuples(*[st.text("ab-", min_size=1, max_size=4)] * 3),
)
def test_identity_is_not_ambiguous(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    """Different parts never give the same key, however they are cut."""
    one, other = (
        notification(unique_id=unique_id, event=event, status=status)
        for unique_id, event, status in (first, second)
    )
    assert (one.key == other.key) == (first == second)


def test_signature_is_not_kept() -> None:
    """Whoever sees a stored notification cannot replay its signature."""
    assert "signature" not in notification().fields


def test_echo_names_the_notification() -> None:
    """The echo is the XML that the gateway looks for."""
    assert notification().echo().decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<notification_echo>\n  <unique_id>abc</unique_id>\n</notification_echo>"
    )


@pytest.mark.parametrize(
    "field, value",
    [
        ("unique_id", ""),
        ("unique_id", "a b"),
        ("unique_id", "<x/>"),
        ("unique_id", "a" * 65),
        ("unique_id", "ü"),
        ("status", ""),
        ("status", "a\tb"),
        ("event", "a;b"),
    ],
)
def test_missing_or_malformed_fields_are_named(field: str, value: str) -> None:
    """A refusal names the field that it is about."""
    with pytest.raises(ProblemError) as refusal:
        notification(**{field: value})
    assert [error.field for error in refusal.value.document.errors] == [field]


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"unique_id=%FF&status=approved",
        b"unique_id=\xff",
        b"unique_id=a&unique_id=b",
        b"unique_id=a%00b",
        b"&".join(b"f%d=1" % n for n in range(500)),
    ],
)
def test_unreadable_forms_are_refused(body: bytes) -> None:
    """Invalid UTF-8, repeated fields, NUL bytes and floods of fields are a 400."""
    with pytest.raises(ProblemError) as refusal:
        parse_form(body)
    assert refusal.value.status_code == 400


@given(st.binary(max_size=300))
def test_no_body_raises_anything_but_a_problem(body: bytes) -> None:
    """Whatever comes is either understood or refused."""
    with suppress(ProblemError):
        assert from_fields(parse_form(body)).unique_id


@given(
    st.dictionaries(
        st.text("abc_", min_size=1),
        st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", codec="utf-8")),
        min_size=1,
    )
)
def test_forms_are_read_as_written(form: dict[str, str]) -> None:
    """Any text without control characters survives the way through the form."""
    assert parse_form(urlencode(form).encode()) == form


@pytest.mark.parametrize(
    "text, cents",
    [("500", 500), ("0", 0), ("5.00", None), ("-1", None), ("٣", None), ("", None)],
)
def test_amount_is_minor_units_or_nothing(text: str, cents: int | None) -> None:
    """The gateway counts in cents; anything else is not guessed at."""
    assert notification(amount=text).amount_cents == cents
