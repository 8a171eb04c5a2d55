"""Reading uploads: lists, status, downloads by range, refused lines, mappings to be confirmed."""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, IncompleteRead
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Placeholder

from reference_app.settings import Settings
from reference_app.token import add_token

MB = 1024 * 1024
A = "DE89370400440532013000"
FILE = f"IBAN,Name,Amount\n{A},Ann,5\n".encode()
Waiter = Callable[..., None]
StartNode = Callable[[dict[str, str]], tuple[str, Any]]
NewRow = Callable[..., UUID]


@pytest.fixture
def path(client: httpx.Client) -> str:
    """The path of an upload."""
    return str(client.post("/api/uploads", files={"file": ("a.csv", FILE)}).headers["Location"])


@pytest.fixture
def new_row(database: psycopg.Connection) -> NewRow:
    """Put an upload in place by hand."""

    def place(account: str = "golive", **columns: object) -> UUID:
        upload_id = uuid4()
        values = {
            "id": upload_id,
            "account": account,
            "filename": "a.csv",
            "object_key": f"uploads/{upload_id}.csv",
            "size_bytes": 5,
            "sha256": "0" * 64,
            "status": "completed",
            **columns,
        }
        names = SQL(", ").join(map(Identifier, values))
        marks = SQL(", ").join(Placeholder() * len(values))
        insert = SQL("INSERT INTO uploads ({}) VALUES ({})").format(names, marks)
        database.execute(insert, [*values.values()])
        return upload_id

    return place


@pytest.mark.parametrize(
    "asked, status, content_range, content",
    [
        ("bytes=0-3", 206, f"bytes 0-3/{len(FILE)}", FILE[:4]),
        ("bytes=5-", 206, f"bytes 5-{len(FILE) - 1}/{len(FILE)}", FILE[5:]),
        ("bytes=-4", 206, f"bytes {len(FILE) - 4}-{len(FILE) - 1}/{len(FILE)}", FILE[-4:]),
        ("bytes=0-1,4-5", 200, None, FILE),
        ("bytes=x", 200, None, FILE),
        (f"bytes={len(FILE)}-", 416, f"bytes */{len(FILE)}", None),
    ],
)
def test_ranges(
    client: httpx.Client,
    path: str,
    asked: str,
    status: int,
    content_range: str | None,
    content: bytes | None,
) -> None:
    """A single range is served, many are answered with the whole, one beyond is told the size."""
    answer = client.get(f"{path}/download", headers={"Range": asked})
    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == content_range
    if content is None:
        assert answer.headers["Content-Type"] == "application/problem+json"
    else:
        assert answer.content == content


def test_range_of_another_file_is_not_served(client: httpx.Client, path: str) -> None:
    """If-Range with another tag, a weak one or a date gives the whole file."""
    tag = client.head(f"{path}/download").headers["ETag"]
    for given, status in ((tag, 206), ('"x"', 200), (f"W/{tag}", 200), ("Mon, 01 Jan 2024", 200)):
        headers = {"Range": "bytes=0-3", "If-Range": given}
        assert client.get(f"{path}/download", headers=headers).status_code == status


def test_downloads_are_safe_and_resumable(client: httpx.Client, path: str) -> None:
    """No browser runs them; HEAD knows their size and that ranges work, without a body."""
    head = client.head(f"{path}/download", headers={"Range": "bytes=0-3"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(FILE))
    assert head.headers["Accept-Ranges"] == "bytes"
    assert not head.headers["ETag"].startswith("W/")
    assert head.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in head.headers["Content-Security-Policy"]
    for known in (head.headers["ETag"], f'"x", {head.headers["ETag"]}', "*"):
        answer = client.get(f"{path}/download", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")


def test_missing_object_is_a_404(client: httpx.Client, new_row: NewRow) -> None:
    """Told as a problem, not as an empty file."""
    answer = client.get(f"/api/uploads/{new_row()}/download")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "The file of this upload is gone.",
    )


@pytest.fixture
def breaking(deployment: Any, free_port: Callable[[], int]) -> Iterator[Callable[[str], int]]:
    """Ports that lead to a server, and whose every connection breaks after a megabyte was read."""
    proxies = f"{deployment.started.urls['toxiproxy']}/proxies"
    names: list[str] = []

    def before(upstream: str) -> int:
        port = free_port()
        names.append(f"breaking-{port}")
        proxy = {"name": names[-1], "listen": f"127.0.0.1:{port}", "upstream": upstream}
        toxic = {"type": "limit_data", "stream": "downstream", "attributes": {"bytes": MB}}
        httpx.post(proxies, json=proxy).raise_for_status()
        httpx.post(f"{proxies}/{names[-1]}/toxics", json=toxic).raise_for_status()
        return port

    yield before
    for name in names:
        httpx.delete(f"{proxies}/{name}")


def test_bucket_that_breaks_makes_no_short_file(
    deployment: Any, client: httpx.Client, start_node: StartNode, breaking: Callable[[str], int]
) -> None:
    """The caller sees that there should be more."""
    content = b"x" * 3 * MB
    path = client.post("/api/uploads", files={"file": ("a.csv", content)}).headers["Location"]
    port = breaking(httpx.URL(deployment.env["AWS_ENDPOINT"]).netloc.decode())
    url, _process = start_node({**deployment.env, "AWS_ENDPOINT": f"http://127.0.0.1:{port}"})
    connection = HTTPConnection(url.removeprefix("http://"), timeout=20)
    headers = {"Authorization": f"Bearer {deployment.token}"}
    connection.request("GET", f"{path}/download", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(content)))
    with pytest.raises((IncompleteRead, ConnectionError)):
        answer.read()
    connection.close()


def test_bucket_away_is_a_503(
    deployment: Any, client: httpx.Client, path: str, start_node: StartNode
) -> None:
    """Before a byte was sent there is still a proper answer."""
    url, _process = start_node({**deployment.env, "AWS_ENDPOINT": "http://127.0.0.1:1"})
    assert client.get(f"{url}{path}/download").status_code == 503


def add_errors(database: psycopg.Connection, upload_id: UUID, reasons: list[str]) -> None:
    """Refuse lines, from line 2 on."""
    with database.cursor().copy(
        "COPY upload_row_errors (upload_id, line, reason) FROM STDIN"
    ) as copy:
        for line, reason in enumerate(reasons, 2):
            copy.write_row((upload_id, line, reason))


def test_refused_lines_come_as_csv(
    client: httpx.Client, database: psycopg.Connection, new_row: NewRow
) -> None:
    """All of them, in order, and none is a formula."""
    upload_id = new_row()
    reasons = ["=1+1", "@SUM", "-2", "+3", "\t=x", "\r=x", 'says "so", twice', "näme"]
    reasons += [f"reason {number}" for number in range(2500)]
    add_errors(database, upload_id, reasons)
    answer = client.get(f"/api/uploads/{upload_id}/errors")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    header, *rows = csv.reader(io.StringIO(answer.content.decode(), newline=""))
    assert header == ["line", "reason"]
    assert [int(row[0]) for row in rows] == list(range(2, 2 + len(reasons)))
    assert [row[1] for row in rows[:6]] == [f"'{reason}" for reason in reasons[:6]]
    assert [row[1] for row in rows[6:]] == reasons[6:]
    assert client.head(f"/api/uploads/{upload_id}/errors").content == b""


def test_postgres_that_breaks_makes_no_short_list(
    deployment: Any,
    database: psycopg.Connection,
    new_row: NewRow,
    start_node: StartNode,
    breaking: Callable[[str], int],
) -> None:
    """The list has no length beforehand, so it must not end as if it were complete."""
    upload_id = new_row()
    add_errors(database, upload_id, ["r" * 600] * 4000)
    port = breaking(f"{deployment.env['DB_HOST']}:{deployment.env['DB_PORT']}")
    url, _process = start_node({**deployment.env, "DB_HOST": "127.0.0.1", "DB_PORT": str(port)})
    headers = {"Authorization": f"Bearer {deployment.token}"}
    with httpx.stream("GET", f"{url}/api/uploads/{upload_id}/errors", headers=headers) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.TransportError):
            answer.read()


def test_status_shows_the_first_refused_lines_and_counts_all(
    client: httpx.Client, database: psycopg.Connection, new_row: NewRow
) -> None:
    """A file of nothing but errors does not make an answer of megabytes."""
    upload_id = new_row(rows_total=9, rows_created=2, rows_invalid=3, rows_blacklisted=4)
    add_errors(database, upload_id, ["no"] * 1001)
    document = client.get(f"/api/uploads/{upload_id}").json()
    assert (len(document["errors"]), document["errors_total"]) == (1000, 1001)
    assert document["counts"]["blacklisted"] == 4
    assert "headers" not in document


def test_list_is_paged_from_the_newest(
    client: httpx.Client, live_settings: Settings, new_row: NewRow
) -> None:
    """Following `next` gives every upload once, also those of the same moment."""
    account = f"pages-{uuid4().hex[:8]}"
    token = f"token-of-{account}-0123456789"
    add_token(live_settings, account, token)
    at = ["2026-01-03T00:00:00Z", "2026-01-02T00:00:00.5Z", "2026-01-01T00:00:00Z"]
    made = [(at[number // 3], new_row(account, created_at=at[number // 3])) for number in range(7)]
    client.headers["Authorization"] = f"Bearer {token}"
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = client.get("/api/uploads", params=query).json()
        seen += [item["id"] for item in page["items"]]
        if not page["next"]:
            break
        query["cursor"] = page["next"]
    newest = sorted(made, key=lambda one: (-at[::-1].index(one[0]), str(one[1])))
    assert seen == [str(upload_id) for _at, upload_id in newest]


@pytest.mark.parametrize(
    "query, field",
    [
        ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
        (f"cursor={base64.urlsafe_b64encode(b'2026-01-01 x').decode()}", "cursor"),
        (
            f"cursor={base64.urlsafe_b64encode(b'0001-01-01T00:00+14:00 ' + b'0' * 32).decode()}",
            "cursor",
        ),
        ("cursor=%C3%A9", "cursor"),
        ("limit=0", "limit"),
        ("limit=1000000000", "limit"),
        ("limit=1e3", "limit"),
    ],
)
def test_bad_lists_are_refused_by_name(client: httpx.Client, query: str, field: str) -> None:
    """A cursor that is none and a page too large are the caller's mistake."""
    answer = client.get(f"/api/uploads?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_debtors_show_the_status_of_their_payment(
    client: httpx.Client, database: psycopg.Connection, new_row: NewRow
) -> None:
    """None as long as nothing was billed, or the gateway has not spoken."""
    upload_id = new_row()
    unique_id = uuid4().hex
    for line in (2, 3, 4):
        database.execute(
            """INSERT INTO debtors (upload_id, account, line, iban, name, amount_cents, currency)
               VALUES (%s, 'golive', %s, %s, 'Ann', 5, 'EUR')""",
            (upload_id, line, A),
        )
    for line, payment in ((2, unique_id), (3, None)):
        database.execute(
            """INSERT INTO billing_attempts
                   (debtor_id, upload_id, transaction_id, unique_id, status)
               SELECT id, upload_id, %s, %s, 'sent' FROM debtors
               WHERE upload_id = %s AND line = %s""",
            (uuid4().hex, payment, upload_id, line),
        )
    database.execute(
        "INSERT INTO payments (unique_id, status) VALUES (%s, 'chargebacked')", (unique_id,)
    )
    items = client.get(f"/api/uploads/{upload_id}/debtors").json()["items"]
    assert [item["status"] for item in items] == ["chargebacked", None, None]


HEADERS = ["Konto", "Kunde", "Betrag", "Ort", "Tel", "Tel"]
SUGGESTED = {"iban": "Konto", "name": "Kunde", "amount": "Betrag"}


@pytest.fixture
def waiting(new_row: NewRow) -> Callable[..., str]:
    """Paths of uploads that wait for a mapping."""

    def place(account: str = "golive", suggested: dict[str, str] | None = None) -> str:
        upload_id = new_row(
            account,
            status="awaiting_mapping",
            headers=HEADERS,
            suggested_mapping=json.dumps(SUGGESTED if suggested is None else suggested),
        )
        return f"/api/uploads/{upload_id}"

    return place


def test_waiting_upload_shows_what_it_knows(
    client: httpx.Client, waiting: Callable[..., str]
) -> None:
    """The headers to choose from and what they were taken for."""
    document = client.get(waiting()).json()
    assert document["status"] == "awaiting_mapping"
    assert (document["headers"], document["suggested_mapping"]) == (HEADERS, SUGGESTED)
    assert document["column_mapping"] is None


@pytest.mark.parametrize(
    "given, mapping",
    [
        ({}, SUGGESTED),
        ({"iban": "KONTO ", "name": "Ort", "amount": "Betrag"}, None),
        ({"name": "Ort"}, {**SUGGESTED, "name": "Ort"}),
    ],
)
def test_confirmed_upload_is_processed(
    client: httpx.Client,
    waiting: Callable[..., str],
    wait_for: Waiter,
    given: dict[str, str],
    mapping: dict[str, str] | None,
) -> None:
    """The job runs under an id of its own; here it finds no object, and says so."""
    path = waiting()
    answer = client.put(f"{path}/mapping", json=given)
    assert (answer.status_code, answer.headers["Location"]) == (202, path)
    wait_for(lambda: client.get(path).json()["status"] == "failed", "the job has run")
    document = client.get(path).json()
    assert document["column_mapping"] == (mapping or given)
    assert client.put(f"{path}/mapping", json={}).status_code == 409


@pytest.mark.parametrize(
    "body, content_type, status",
    [
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"iban": "IBAN"}', "application/json", 422),
        (b'{"iban": 1}', "application/json", 422),
        (b'{"iban": null}', "application/json", 422),
        (b'{"name": "Tel"}', "application/json", 422),
        (b'{"iban": "Kunde"}', "application/json", 422),
        (b'{"iban": "a\\u0000"}', "application/json", 422),
        (b'{"bic": "Ort"}', "application/json", 422),
        (b" " * 20_000, "application/json", 413),
    ],
)
def test_bad_mappings_are_refused(
    client: httpx.Client, waiting: Callable[..., str], body: bytes, content_type: str, status: int
) -> None:
    """And the upload goes on waiting."""
    path = waiting()
    headers = {"Content-Type": content_type}
    assert client.put(f"{path}/mapping", content=body, headers=headers).status_code == status
    assert client.get(path).json()["status"] == "awaiting_mapping"


def test_incomplete_suggestion_cannot_be_accepted(
    client: httpx.Client, waiting: Callable[..., str]
) -> None:
    """What is missing in both is asked for."""
    path = waiting(suggested={"iban": "Konto"})
    assert client.put(f"{path}/mapping", json={}).status_code == 422
    assert client.put(f"{path}/mapping", json={"name": "Kunde", "amount": "Ort"}).status_code == 202


def test_only_one_of_many_confirmations_counts(
    client: httpx.Client, waiting: Callable[..., str]
) -> None:
    """Whoever comes second is told that it is done."""
    path = waiting()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: client.put(f"{path}/mapping", json={}).status_code, range(8))
    assert sorted(answers) == [202, *[409] * 7]


def test_confirmation_with_redis_away_can_be_repeated(
    deployment: Any, client: httpx.Client, waiting: Callable[..., str], start_node: StartNode
) -> None:
    """503, the upload waits as before, and the next try is taken."""
    path = waiting()
    url, _process = start_node({**deployment.env, "REDIS_PORT": "1"})
    assert client.put(f"{url}{path}/mapping", json={"name": "Ort"}).status_code == 503
    document = client.get(path).json()
    assert (document["status"], document["column_mapping"]) == ("awaiting_mapping", None)
    assert client.put(f"{path}/mapping", json={}).status_code == 202


def test_other_accounts_can_do_nothing(
    client: httpx.Client, stranger_token: str, waiting: Callable[..., str]
) -> None:
    """Neither read lines nor confirm a mapping."""
    path = waiting()
    client.headers["Authorization"] = f"Bearer {stranger_token}"
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/errors").status_code == 404
    assert client.put(f"{path}/mapping", json={}).status_code == 404
