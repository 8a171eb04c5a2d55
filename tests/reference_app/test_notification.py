"""Parsing, identity and echo of notifications."""

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reference_app.http import contract
from reference_app.http.problems import ProblemError
from reference_app.webhooks.body import FORM, JSON, parse_body, parse_form, parse_json
from reference_app.webhooks.notification import Notification, from_fields

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
        b"a=%ED%A0%80",
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


@pytest.mark.parametrize(
    "fields, kind, unique_id, status, event",
    [
        ({"unique_id": "a", "status": "approved"}, "processing", "a", "approved", ""),
        (
            {"unique_id": "a", "status": "chargebacked", "event": "chargeback"},
            "processing",
            "a",
            "chargebacked",
            "chargeback",
        ),
        (
            {"wpf_unique_id": "w", "wpf_status": "timeout", "payment_transaction_unique_id": "p"},
            "wpf",
            "w",
            "timeout",
            "",
        ),
        ({"reference_id": "k", "status": "accepted"}, "kyc", "k", "accepted", ""),
        (
            {
                "notification_type": "apm_external_event",
                "payment_transaction_unique_id": "p",
                "category": "payout",
                "code": "17",
            },
            "apm_event",
            "p",
            "payout",
            "17",
        ),
    ],
)
def test_each_kind_has_its_own_fields(
    fields: dict[str, str], kind: str, unique_id: str, status: str, event: str
) -> None:
    """Id, status and event stand where that kind of notification has them; so does the echo."""
    understood = from_fields(fields)
    said = (understood.kind.name, understood.unique_id, understood.status, understood.event)
    assert said == (kind, unique_id, status, event)
    name = understood.kind.id_field
    assert f"<{name}>{unique_id}</{name}>" in understood.echo().decode()


PROMISED = Draft202012Validator(
    json.loads(contract.document())["components"]["schemas"]["Notification"]
)
SAID = st.one_of(
    st.sampled_from([None, True, 5, -5, 5.5, "", "a" * 99, "a" * 300, [1], {"a": "b"}]),
    st.integers(),
    st.text(max_size=99),
)
TOLD = ("event", "amount", "transaction_id", "transaction_type", "reason_code", "more")


@given(name=st.sampled_from(("unique_id", "status", *TOLD)), said=SAID)
def test_what_is_taken_is_what_the_contract_allows(name: str, said: object) -> None:
    """Nothing that the document forbids is taken in silence."""
    given_fields = {"unique_id": "abc", "status": "approved", name: said}
    try:
        from_fields(parse_json(json.dumps(given_fields).encode()))
    except ProblemError:
        return
    PROMISED.validate({**given_fields, "signature": "0" * 40})


def test_two_ids_are_refused() -> None:
    """Only one of them is signed, and it would be a guess which."""
    with pytest.raises(ProblemError) as refusal:
        from_fields({**FIELDS, "wpf_unique_id": "w", "wpf_status": "approved"})
    assert refusal.value.document.errors[0].field == "wpf_unique_id"


def test_terms_are_what_deliveries_must_agree_on() -> None:
    """Amount, currency, type and reason are; the rest may differ from delivery to delivery."""
    assert notification().terms == notification(eci="05").terms
    for changed in ({"amount": "501"}, {"currency": "USD"}, {"reason_code": "AC04"}):
        assert notification(**changed).terms != notification().terms


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"reason_code": "md06 ", "rc_code": "AC01"}, "MD06"),
        ({"rc_code": "AC01"}, "AC01"),
        ({"error_code": "AC04"}, "AC04"),
        ({"reason_code": ""}, None),
        ({}, None),
    ],
)
def test_reason_is_read_from_where_it_stands(fields: dict[str, str], code: str | None) -> None:
    """The gateway names it differently from message to message."""
    assert notification(**fields).reason_code == code


def test_json_says_the_same_as_a_form() -> None:
    """Texts, whole numbers and null are read as a form would carry them."""
    document = {"unique_id": "abc", "status": "approved", "amount": 500, "eci": None}
    assert parse_body(JSON, json.dumps(document).encode()) == {
        "unique_id": "abc",
        "status": "approved",
        "amount": "500",
    }
    assert parse_body(FORM, b"unique_id=abc") == {"unique_id": "abc"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"{'a': 1}",
        b'{"a": "\xff"}',
        b'{"a": 1, "a": 1}',
        b'{"a": 1.5}',
        b'{"a": NaN}',
        b'{"a": true}',
        b'{"a": {"b": "c"}}',
        b'{"a": ["b"]}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps({str(number): "x" for number in range(201)}).encode(),
    ],
)
def test_unreadable_json_is_refused(body: bytes) -> None:
    """Nested, repeated, fractional, unstorable or endless: a 400, never an error of ours."""
    with pytest.raises(ProblemError) as refusal:
        parse_json(body)
    assert refusal.value.status_code == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_raises_anything_but_a_problem(document: object) -> None:
    """Whatever comes is either understood or refused."""
    with suppress(ProblemError):
        assert from_fields(parse_json(json.dumps(document).encode())).unique_id
