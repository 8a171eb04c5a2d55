"""What is sent to the gateway and read from it, without a gateway."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from reference_app.billing.gateway import (
    Gateway,
    GatewayUnavailableError,
    Rejected,
    Sale,
    Sent,
    SentBefore,
    Unknown,
    chargebacks_of,
    outcome_of,
    sale_xml,
    split_name,
)
from reference_app.settings import Settings

from .conftest import Listener

NAMES = st.text(
    st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=70
).filter(str.strip)


@given(NAMES, st.integers(1, 10**9))
def test_a_sale_says_what_it_was_given(name: str, cents: int) -> None:
    """Every name that an upload can hold survives XML, and the amount stays in minor units."""
    sale = Sale("upload-7", cents, "EUR", "DE89370400440532013000", name)
    document = fromstring(sale_xml(sale))

    assert document.tag == "payment_transaction"
    assert Decimal(document.findtext("amount")) == cents
    assert document.findtext("iban") == sale.iban
    assert document.findtext("billing_address/country") == "DE"
    assert document.findtext("billing_address/first_name")
    assert document.findtext("billing_address/last_name")


@pytest.mark.parametrize(
    "name, parts",
    [
        ("Anna Roth", ("Anna", "Roth")),
        ("Anna Maria Roth", ("Anna Maria", "Roth")),
        ("Roth, Anna Maria", ("Anna Maria", "Roth")),
        ("Roth", ("Roth", "Roth")),
        ("Roth,", ("Roth,", "Roth,")),
        (" Anna  Roth ", ("Anna", "Roth")),
    ],
)
def test_names_have_two_parts(name: str, parts: tuple[str, str]) -> None:
    """The gateway requires both, so a single word stands for both."""
    assert split_name(name) == parts


@given(NAMES)
def test_no_part_of_a_name_is_empty(name: str) -> None:
    """Whatever the name."""
    assert all(split_name(name))


def test_a_transaction_is_sent_whatever_its_status() -> None:
    """A declined sale exists at the gateway: it is no refusal."""
    document = fromstring(
        "<payment_response><status>declined</status><unique_id>abc</unique_id>"
        "<code>510</code><amount>500</amount><message>no DE89370400440532013000</message>"
        "</payment_response>"
    )
    outcome = outcome_of(document)

    assert isinstance(outcome, Sent)
    assert (outcome.notification.unique_id, outcome.notification.status) == ("abc", "declined")
    assert "message" not in outcome.notification.fields


def test_a_refusal_has_no_transaction_and_shows_no_iban() -> None:
    """Its message is kept for people, without what it may quote."""
    document = fromstring(
        "<payment_response><status>error</status><code>340</code>"
        "<technical_message>iban DE89370400440532013000 is invalid</technical_message>"
        "</payment_response>"
    )
    assert outcome_of(document) == Rejected("340", "iban DE89****3000 is invalid")


@pytest.mark.parametrize(
    "xml",
    [
        "<html/>",
        "<payment_responses/>",
        "<payment_response><unique_id>a/b</unique_id><status>x</status></payment_response>",
        "<payment_response><unique_id>ab</unique_id></payment_response>",
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(xml: str) -> None:
    """Neither for a success nor for a refusal: the fate stays unknown."""
    with pytest.raises(GatewayUnavailableError):
        outcome_of(fromstring(xml))


def test_a_chargeback_asked_for_is_the_same_event_as_the_notification() -> None:
    """Else the same news would have its effect twice."""
    document = fromstring(
        "<payment_responses><payment_response><unique_id>abc</unique_id>"
        "<status>chargebacked</status></payment_response></payment_responses>"
    )
    outcome = outcome_of(document)

    assert isinstance(outcome, Sent)
    assert outcome.notification.event == "chargeback"


@pytest.mark.parametrize(
    "xml, items, pages",
    [
        ('<chargeback_responses pages_count="3"><c/><c/></chargeback_responses>', 2, 3),
        ("<chargeback_response><type>1st Chargeback</type></chargeback_response>", 1, 1),
        ("<payment_response><code>470</code></payment_response>", 0, 0),
    ],
)
def test_chargebacks_come_in_pages(xml: str, items: int, pages: int) -> None:
    """Many, one alone, or none."""
    page = chargebacks_of(fromstring(xml))

    assert (len(page.items), page.pages) == (items, pages)


@pytest.mark.parametrize(
    "xml",
    [
        "<payment_response><code>100</code></payment_response>",
        '<chargeback_responses pages_count="many"/>',
        "<html/>",
    ],
)
def test_an_error_is_not_a_day_without_chargebacks(xml: str) -> None:
    """Else the day would be ticked off and its chargebacks lost."""
    with pytest.raises(GatewayUnavailableError):
        chargebacks_of(fromstring(xml))


@pytest.fixture
def client(
    listener: Listener,
    settings_of: Callable[[dict[str, str]], Settings],
    production_env: dict[str, str],
) -> Iterator[Gateway]:
    """The client, of a gateway that answers as a test wants."""
    settings = settings_of(production_env)
    client = Gateway(settings.model_copy(update={"emp_gateway_url": listener.url}))
    yield client
    client.close()


SALE = Sale("upload-7", 500, "EUR", "DE89370400440532013000", "Anna Roth")
REFUSED = "<payment_response><status>error</status><code>340</code></payment_response>"
BOMB = '<!DOCTYPE x [<!ENTITY a "b">]><payment_response><status>&a;</status></payment_response>'


@pytest.mark.parametrize(
    "status, body",
    [
        (500, ""),
        (502, "<html>"),
        (500, REFUSED),
        (401, ""),
        (429, ""),
        (302, ""),
        (200, ""),
        (200, "not XML"),
        (200, BOMB),
        (200, "x" * 2000),
    ],
)
def test_an_answer_that_is_none_leaves_the_fate_unknown(
    listener: Listener,
    client: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: str,
) -> None:
    """A sale is sent once and not again; what only reads is tried again, and then gives up."""
    monkeypatch.setattr("reference_app.billing.gateway.MAX_ANSWER_BYTES", 1000)
    listener.answer = lambda _form: (status, body)

    assert isinstance(client.sell(SALE), Unknown)
    assert len(listener.received) == 1
    with pytest.raises(GatewayUnavailableError):
        client.find(unique_id=None, transaction_id="upload-7")
    assert len(listener.received) == 4


@pytest.mark.parametrize("code", ["100", "110", "200", "220", "310", "none", "34", ""])
def test_only_the_codes_of_the_settings_are_final(
    listener: Listener, client: Gateway, code: str
) -> None:
    """Maintenance, a system's error, a wrong terminal: no debtor is refused for good for it."""
    text = "<payment_response><status>error</status><code>{}</code></payment_response>"
    for final in ("330", "340"):
        listener.answer = lambda _form, final=final: (200, text.format(final))
        assert client.sell(SALE) == Rejected(final, "")
    listener.answer = lambda _form: (200, text.format(code))
    assert isinstance(client.sell(SALE), Unknown)


def test_a_double_transaction_is_neither_sold_nor_refused(
    listener: Listener, client: Gateway
) -> None:
    """The gateway has it, whatever the settings call final."""
    body = "<payment_response><status>error</status><code>450</code></payment_response>"
    listener.answer = lambda _form: (200, body)
    assert client.sell(SALE) == SentBefore()


@pytest.mark.parametrize("code", ["100", "110", "none", "46"])
def test_only_one_answer_means_that_there_is_no_transaction(
    listener: Listener, client: Gateway, code: str
) -> None:
    """An error of the gateway is not taken for it: the sale would be sent again."""
    text = "<payment_response><status>error</status><code>{}</code></payment_response>"
    listener.answer = lambda _form: (200, text.format("460"))
    assert client.find(unique_id=None, transaction_id="upload-7") is None
    listener.answer = lambda _form: (200, text.format(code))
    with pytest.raises(GatewayUnavailableError, match=code):
        client.find(unique_id=None, transaction_id="upload-7")


def test_an_answer_that_trickles_in_is_not_waited_for(
    client: Gateway, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the time for the whole call is up, more of an answer does not prolong it."""
    monkeypatch.setattr("reference_app.billing.gateway.TOTAL_TIMEOUT_S", -1.0)
    listener.answer = lambda _form: (200, "<payment_response/>")

    assert client.sell(SALE) == Unknown("ReadTimeout")
