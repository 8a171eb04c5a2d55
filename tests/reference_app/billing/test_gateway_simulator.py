"""The gateway simulator itself: what is built on it is only as true as it is."""

import hashlib
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from infra.gateway.lives import DEFAULT_MIX, LIVES, final_status, stories

from .conftest import ENVIRONMENT, Gateway, Listener, StartGateway, echo

Wait = Callable[..., None]

SALE = """<payment_transaction><transaction_type>sdd_sale</transaction_type>
<transaction_id>{id}</transaction_id><usage>Debt</usage><amount>500</amount>
<currency>EUR</currency><iban>DE89370400440532013000</iban><billing_address>
<first_name>Anna</first_name><last_name>Roth</last_name><country>DE</country>
</billing_address></payment_transaction>"""


@pytest.fixture
def merchant(gateway: Gateway) -> Callable[[str, str], dict[str, str]]:
    """Calls the gateway as a merchant does; gives the fields of its answer."""

    def call(path: str, body: str) -> dict[str, str]:
        auth = (ENVIRONMENT["GATEWAY_USERNAME"], ENVIRONMENT["GATEWAY_PASSWORD"])
        answer = httpx.post(f"{gateway.url}/{path}", content=body, auth=auth)
        return {child.tag: child.text or "" for child in fromstring(answer.content)}

    return call


Merchant = Callable[[str, str], dict[str, str]]
PROCESS = f"process/{ENVIRONMENT['GATEWAY_TERMINAL_TOKEN']}"


def test_a_repeated_transaction_id_is_refused_and_debits_once(
    gateway: Gateway, merchant: Merchant
) -> None:
    """The second sale under the same id is an error, and the first one can be asked for."""
    first = merchant(PROCESS, SALE.format(id="a"))
    second = merchant(PROCESS, SALE.format(id="a"))

    assert (first["status"], second["status"], second["code"]) == ("pending_async", "error", "450")
    by_own_id = "<reconcile><transaction_id>a</transaction_id></reconcile>"
    assert merchant("reconcile/x", by_own_id)["unique_id"] == first["unique_id"]
    assert [debit["unique_id"] for debit in gateway.debits] == [first["unique_id"]]


@pytest.mark.parametrize(
    "old, new",
    [
        ("<amount>500</amount>", "<amount>5.00</amount>"),
        ("<amount>500</amount>", ""),
        ("<country>DE</country>", "<country>CH</country>"),
        ("sdd_sale", "sale"),
        ("</payment_transaction>", ""),
    ],
)
def test_sales_that_make_no_sense_are_refused(
    gateway: Gateway, merchant: Merchant, old: str, new: str
) -> None:
    """They are errors with a code, and no debits."""
    answer = merchant(PROCESS, SALE.format(id="b").replace(old, new))

    assert (answer["status"], answer["code"]) == ("error", "310")
    assert not gateway.debits


def test_strangers_are_turned_away(gateway: Gateway) -> None:
    """A sale without the merchant's password is none."""
    answer = httpx.post(f"{gateway.url}/{PROCESS}", content=SALE.format(id="c"), auth=("a", "b"))

    assert answer.status_code == 401
    assert not gateway.debits


def test_a_lost_answer_is_a_sale_all_the_same(gateway: Gateway, merchant: Merchant) -> None:
    """That is what makes its fate unknown to the merchant."""
    gateway.control("faults", lost_rate=1)
    with pytest.raises(httpx.RemoteProtocolError):
        merchant(PROCESS, SALE.format(id="d"))

    assert len(gateway.debits) == 1


def test_delivers_until_it_sees_its_echo(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """A 200 with JSON is no echo, nor is the echo of another; the right one ends it."""
    answers = [(200, '{"status": "ok"}'), (200, echo({"unique_id": "0" * 32})[1]), (500, "")]

    def grudging(form: dict[str, str]) -> tuple[int, str]:
        return answers.pop() if answers else echo(form)

    listener.answer = grudging
    gateway = start_gateway(listener.url)
    gateway.control("notifications", count=1, mix={"approved": 1})
    wait_for(lambda: gateway.ask("progress")["echoed"] == 1, "the echo is seen")

    [delivery] = gateway.ask("progress?tries=1")["tries"]
    assert [one["answer"] for one in delivery["tries"]] == ["500", "200", "200", "200"]
    assert len(listener.received) == 4


def test_a_dispute_has_one_reason_however_it_is_learnt(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """The notification, the list by day and the truth name the same, and there are several."""
    listener.answer = echo
    gateway = start_gateway(listener.url)
    gateway.control("notifications", count=90, mix={"chargebacked": 1})
    wait_for(lambda: gateway.ask("progress")["echoed"] == 90, "all are echoed")

    told = {one["unique_id"]: one["reason_code"] for one in listener.received if "event" in one}
    auth = (ENVIRONMENT["GATEWAY_USERNAME"], ENVIRONMENT["GATEWAY_PASSWORD"])
    today = datetime.now(UTC).date()
    # Around midnight they may have been posted on either day.
    span = f"<start_date>{today - timedelta(days=1)}</start_date><end_date>{today}</end_date>"
    body = f"<chargeback_request>{span}</chargeback_request>"
    answer = httpx.post(f"{gateway.url}/chargebacks/by_date", content=body, auth=auth)
    listed = {
        one.findtext("original_transaction_unique_id"): one.findtext("reason_code")
        for one in fromstring(answer.content)
    }
    truth = {
        unique_id: payment["reason_codes"]
        for unique_id, payment in gateway.ask("truth")["payments"].items()
    }
    assert told == listed
    assert {unique_id: [code] for unique_id, code in told.items()} == truth
    assert set(told.values()) == {"MD06", "AC04"}


def test_gives_up_after_ten_tries(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """As the real one does: what nobody echoes is lost to notifications."""
    gateway = start_gateway(listener.url, "--retry-interval-s", "0.01")
    gateway.control("notifications", count=2, mix={"approved": 1})
    wait_for(lambda: gateway.ask("progress")["gave_up"] == 2, "it gives up")

    assert len(listener.received) == 20


def test_notifications_are_signed_as_documented(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """SHA-1 over unique_id and password, for payment forms SHA-512 over theirs."""
    listener.answer = echo
    gateway = start_gateway(listener.url)
    gateway.control("notifications", count=30, mix={"approved": 1, "wpf_approved": 1})
    wait_for(lambda: gateway.ask("progress")["echoed"] == 30, "all are echoed")

    password = ENVIRONMENT["GATEWAY_PASSWORD"]
    kinds = Counter("wpf_unique_id" in form for form in listener.received)
    assert kinds[True]
    assert kinds[False]
    for form in listener.received:
        name, algorithm = (
            ("wpf_unique_id", "sha512")
            if "wpf_unique_id" in form
            else (
                "unique_id",
                "sha1",
            )
        )
        signed = f"{form[name]}{password}".encode()
        assert form["signature"] == hashlib.new(algorithm, signed).hexdigest()


def test_tripled_and_shuffled_arrive_three_times_in_disorder(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """Each event comes three times, and not in the order of its payment's life."""
    listener.answer = echo
    gateway = start_gateway(listener.url, "--concurrency", "1")
    gateway.control(
        "notifications", count=30, mix={"chargebacked": 1}, tripled=True, shuffled=True, seed=4
    )
    wait_for(lambda: gateway.ask("progress")["echoed"] == 90, "all are echoed")

    counts = Counter((form["unique_id"], form["status"]) for form in listener.received)
    assert set(counts.values()) == {3}
    order = [form["status"] for form in listener.received]
    assert order != sorted(order, key=["pending_async", "approved", "chargebacked"].index)
    truth = gateway.ask("truth")["payments"]
    assert {one["final"] for one in truth.values()} == {"chargebacked"}
    assert {(uid, event[1]) for uid, one in truth.items() for event in one["events"]} == set(counts)


def test_arrivals_do_not_wait_for_answers(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """At a rate, notifications arrive while the first ones still are not answered."""
    gateway = start_gateway(listener.url, "--retry-interval-s", "600")
    gateway.control("notifications", count=20, mix={"approved": 1}, rate=500)
    wait_for(lambda: gateway.ask("progress")["sent"] == 20, "each is sent once")

    assert gateway.ask("progress")["echoed"] == 0


@given(st.integers(0, 2**32), st.integers(1, 200))
def test_the_truth_follows_from_the_seed(seed: int, count: int) -> None:
    """The same order gives the same payments, and exactly as many notifications as ordered."""
    told = list(stories(seed, count, DEFAULT_MIX))

    assert told == list(stories(seed, count, DEFAULT_MIX))
    assert sum(len(story.events) for story in told) == count
    assert len({story.unique_id for story in told}) == len(told)


@given(st.sampled_from(sorted(LIVES)), st.randoms())
def test_the_final_status_does_not_depend_on_the_order(life: str, rng: object) -> None:
    """Whatever order the events arrive in, one status holds."""
    events = list(LIVES[life])
    shuffled = sorted(events, key=lambda _event: rng.random())  # type: ignore[attr-defined]

    assert final_status(events) == final_status(shuffled)


def test_chargebacks_are_paged_by_day(gateway: Gateway, merchant: Merchant) -> None:
    """Two pages for a hundred and five disputes of one day, none for another."""
    for number in range(105):
        merchant(PROCESS, SALE.format(id=f"p{number}"))
    gateway.control("settle", life="chargebacked", day="2026-01-05")
    ask = "<chargeback_request><start_date>{}</start_date><page>2</page></chargeback_request>"
    auth = (ENVIRONMENT["GATEWAY_USERNAME"], ENVIRONMENT["GATEWAY_PASSWORD"])
    url = f"{gateway.url}/chargebacks/by_date"
    page = fromstring(httpx.post(url, content=ask.format("2026-01-05"), auth=auth).content)

    assert page.attrib == {
        "page": "2",
        "per_page": "100",
        "total_count": "105",
        "pages_count": "2",
    }
    assert len(page) == 5
    assert merchant("chargebacks/by_date", ask.format("2026-01-06"))["code"] == "470"


@pytest.mark.parametrize(
    "name, result",
    [
        ("Anna Roth", "match"),
        ("Anna Nomatch", "no_match"),
        ("Anna Closematch", "close_match"),
        ("Anna Unavailable", "unavailable"),
        ("", "match"),
    ],
)
def test_names_are_verified(gateway: Gateway, name: str, result: str) -> None:
    """The last word of a name decides; a close match tells the name on the account."""
    headers = {"Authorization": f"Bearer {ENVIRONMENT['GATEWAY_VERIFY_KEY']}"}
    asked = {"iban": "DE89370400440532013000", "name": name}
    answer = httpx.post(f"{gateway.url}/verify", json=asked, headers=headers).json()

    assert answer["result"] == result
    assert (answer["name"] is not None) == (result == "close_match")


@pytest.mark.parametrize(
    "path, asked",
    [
        ("notifications", {"count": 0}),
        ("notifications", {"count": 5, "mix": {"nonsense": 1}}),
        ("notifications", {"count": 5, "rate": -1}),
        ("faults", {"nonsense": 1}),
        ("settle", {"life": "nonsense"}),
        ("settle", {"life": "approved", "day": 5}),
    ],
)
def test_orders_that_make_no_sense_are_refused(
    gateway: Gateway, path: str, asked: dict[str, object]
) -> None:
    """A test that mistypes an order hears of it."""
    assert httpx.post(f"{gateway.url}/control/{path}", json=asked).status_code == 400


def test_sigterm_ends_it_in_the_middle_of_deliveries(
    start_gateway: StartGateway, listener: Listener, wait_for: Wait
) -> None:
    """It leaves with 0, whatever is still on its way."""
    gateway = start_gateway(listener.url, "--retry-interval-s", "60")
    gateway.control("notifications", count=5)
    wait_for(lambda: len(listener.received) == 5, "the first tries are made")
    gateway.process.send_signal(signal.SIGTERM)

    assert gateway.process.wait(5) == 0
