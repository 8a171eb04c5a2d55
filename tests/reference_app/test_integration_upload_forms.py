"""Uploads as they arrive: what is taken, what is refused and how soon, and what is left behind."""

import hashlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from minio import Minio

from reference_app.bucket import _client
from reference_app.settings import Settings

MB = 1024 * 1024
ROW = b"DE89370400440532013000;Ann;1\n"
Waiter = Callable[..., None]
StartNode = Callable[[dict[str, str]], tuple[str, Any]]


@pytest.fixture
def stored(deployment: Any, live_settings: Settings) -> Callable[[], set[str]]:
    """Keys of all objects, and a word for each set of parts that never became one.

    MinIO lists unfinished uploads by their whole key only, so those are looked for on its disk.
    """
    client: Minio = _client(live_settings, 4.0)
    parts = Path(deployment.started.folder) / "data" / "minio"

    def keys() -> set[str]:
        found = client.list_objects(live_settings.aws_bucket, prefix="uploads/", recursive=True)
        begun = {f"begun {one}" for one in parts.glob("**/.minio.sys/multipart/*/*")}
        return {str(one.object_name) for one in found} | begun

    return keys


@pytest.fixture
def raw(deployment: Any) -> Iterator[Callable[..., socket.socket]]:
    """Connections to a node that have sent the head of an upload, and a piece of its body."""
    opened: list[socket.socket] = []

    def begin(length: int | None, body: bytes, url: str = "", *more: str) -> socket.socket:
        address = httpx.URL(url or deployment.nodes["api-1"])
        line = socket.create_connection((address.host, address.port or 0), timeout=10)
        opened.append(line)
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        head = [
            "POST /api/uploads HTTP/1.1",
            "Host: x",
            f"Authorization: Bearer {deployment.token}",
            "Content-Type: multipart/form-data; boundary=b",
            size,
            *more,
        ]
        line.sendall("\r\n".join([*head, "", ""]).encode() + body)
        return line

    yield begin
    for line in opened:
        line.close()


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form."""
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def answered(line: socket.socket) -> int:
    """The status that a raw connection is answered with."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = line.recv(4096)
        assert chunk, f"closed without an answer after {received!r}"
        received += chunk
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", received)
    assert status
    return int(status[1])


@pytest.mark.parametrize(
    "name, content, mapping, status, field",
    [
        ("a.csv", b"", None, 422, "file"),
        ("a.csv", b" \r\n\t ", None, 422, "file"),
        ("a.xlsb", b"PK\x03\x04", None, 415, "file"),
        ("a.csv.exe", b"x", None, 415, "file"),
        ("csv", b"x", None, 415, "file"),
        ("a\u2028.csv", b"x", None, 422, "file"),
        ("a\u202egpj.csv", b"x", None, 422, "file"),
        ("a\x7f.csv", b"x", None, 422, "file"),
        (f"{'a' * 252}.csv", b"x", None, 422, "file"),
        ("x/", b"x", None, 422, "file"),
        ("a.csv", b"x", "{", 422, "column_mapping"),
        ("a.csv", b"x", "[]", 422, "column_mapping"),
        ("a.csv", b"x", '{"iban": 1}', 422, "column_mapping"),
        ("a.csv", b"x", '{"iban": "a\\u0000"}', 422, "column_mapping"),
        ("a.csv", b"x", '{"iban": "\\ud800"}', 422, "column_mapping"),
        ("a.csv", b"x", '{"bic": "BIC"}', 422, "column_mapping"),
        ("a.csv", b"x", '{"iban": "name"}', 422, "column_mapping"),
        ("a.csv", b"x", "[" * 9_000, 422, "column_mapping"),
        ("a.csv", b"x", "[" * 20_000, 413, None),
    ],
)
def test_bad_forms_are_refused_by_field(
    client: httpx.Client,
    name: str,
    content: bytes,
    mapping: str | None,
    status: int,
    field: str | None,
) -> None:
    """Each refusal says which field and why, as a problem document."""
    form = {"column_mapping": mapping} if mapping else {}
    answer = client.post("/api/uploads", files={"file": (name, content)}, data=form)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code == status, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == ([field] if field else [])


FILE = part("file", b"x", "a.csv")


@pytest.mark.parametrize(
    "content_type, body, status",
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", FILE, 400),
        (f"multipart/form-data; boundary={'b' * 71}", FILE, 400),
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"x", 400),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 400),
        ("multipart/form-data; boundary=b", FILE, 400),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--", 400),
        ("multipart/form-data; boundary=b", FILE.replace(b"form-data", b"file") + b"--b--", 400),
        ("multipart/form-data; boundary=b", part("a", b"x") + b"--b--", 422),
        ("multipart/form-data; boundary=b", part("file", b"x") + b"--b--", 422),
        ("multipart/form-data; boundary=b", FILE + FILE + b"--b--", 422),
        ("multipart/form-data; boundary=b", part("file", b"x", "") + b"--b--", 422),
        (
            "multipart/form-data; boundary=b",
            FILE + 2 * part("column_mapping", b"{}") + b"--b--",
            422,
        ),
        ("multipart/form-data; boundary=b", part("a", b"x") * 16 + FILE + b"--b--", 413),
        ("multipart/form-data; boundary=b", b"--b\r\nX-A: " + b"a" * 9000 + b"\r\n", 413),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X-A: b\r\n" * 9, 413),
    ],
)
def test_broken_bodies_are_refused(
    client: httpx.Client,
    stored: Callable[[], set[str]],
    content_type: str,
    body: bytes,
    status: int,
) -> None:
    """What is no form of an upload is told so, and nothing of it is stored."""
    before = stored()
    headers = {"Content-Type": content_type}
    assert client.post("/api/uploads", content=body, headers=headers).status_code == status
    assert stored() == before


@pytest.mark.parametrize("mapping_first", [True, False])
@pytest.mark.parametrize(
    "name, media_type",
    [
        ("A.CSV", "text/csv"),
        ("a.txt", "text/plain"),
        ("a.tsv", "text/tab-separated-values"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"),
        ("a.xls", "application/vnd.ms-excel"),
        ("a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_kinds_of_files_keep_their_type(
    client: httpx.Client, name: str, media_type: str, mapping_first: bool
) -> None:
    """Taken by extension, given back under the registered type; fields come in any order."""
    mapping = part("column_mapping", json.dumps({"iban": "Konto"}).encode())
    parts = [mapping, part("file", b"content", name)]
    body = b"".join(parts if mapping_first else reversed(parts)) + b"--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/api/uploads", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"]
    document = client.get(path).json()
    assert (document["media_type"], document["filename"]) == (media_type, name)
    assert document["column_mapping"] == {"iban": "Konto", "name": "Name", "amount": "Amount"}
    assert client.get(f"{path}/download").headers["Content-Type"] == media_type


def test_form_without_a_mapping_stores_none(
    client: httpx.Client, database: psycopg.Connection
) -> None:
    """The row says that nobody has said anything, so that the job may guess."""
    upload_id = client.post("/api/uploads", files={"file": ("a.csv", ROW)}).json()["id"]
    [row] = database.execute("SELECT column_mapping FROM uploads WHERE id = %s", (upload_id,))
    assert row == (None,)


@pytest.mark.parametrize("size", [64 * 1024, 5 * MB - 1, 5 * MB, 5 * MB + 1, 11 * MB])
def test_files_of_every_number_of_parts_are_stored_whole(client: httpx.Client, size: int) -> None:
    """Around the borders of the parts that a file goes to the bucket in."""
    content = (ROW * (size // len(ROW) + 1))[:size]
    answer = client.post("/api/uploads", files={"file": ("big.csv", content)})
    path = answer.headers["Location"]
    document = client.get(path).json()
    assert (document["size_bytes"], document["sha256"]) == (
        size,
        hashlib.sha256(content).hexdigest(),
    )
    assert client.get(f"{path}/download").content == content


def test_line_end_after_the_form_may_come_late(raw: Callable[..., socket.socket]) -> None:
    """Packets end where they like, also behind the last boundary."""
    body = part("file", ROW, "a.csv") + b"--b--"
    line = raw(len(body) + 2, body)
    line.sendall(b"\r\n")
    assert answered(line) == 202


def test_chunked_form_is_taken(raw: Callable[..., socket.socket]) -> None:
    """Nobody has to know the length of a file before sending it."""
    body = part("file", ROW, "a.csv") + b"--b--"
    line = raw(None, b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
    assert answered(line) == 202


def test_too_large_is_told_by_the_length_alone(raw: Callable[..., socket.socket]) -> None:
    """Before a byte of the body came, with and without asking first."""
    assert answered(raw(1024**3, b"")) == 413
    assert answered(raw(1024**4, b"")) == 413
    line = raw(1024**3, b"", "", "Expect: 100-continue")
    assert answered(line) == 413


def test_too_large_is_told_on_the_way(
    deployment: Any,
    start_node: StartNode,
    raw: Callable[..., socket.socket],
    stored: Callable[[], set[str]],
    wait_for: Waiter,
) -> None:
    """By the first byte too many; the caller who goes on sending is cut off soon."""
    before = stored()
    url, _process = start_node({**deployment.env, "UPLOAD_MAX_BYTES": str(6 * MB)})
    line = raw(None, b"%x\r\n" % (64 * MB) + part("file", b"x" * 7 * MB, "a.csv"), url)
    assert answered(line) == 413
    with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
        line.sendall(b"x" * 56 * MB)
    wait_for(lambda: stored() == before, "nothing is left of it")


def test_refusal_in_the_middle_is_heard_at_once(
    raw: Callable[..., socket.socket], stored: Callable[[], set[str]], wait_for: Waiter
) -> None:
    """Not after the rest of 200 MB, which would be for nothing."""
    before = stored()
    line = raw(200 * MB, part("file", ROW * 400_000, "a.csv") + part("file", b"x", "b.csv"))
    assert answered(line) == 422
    wait_for(lambda: stored() == before, "nothing is left of the first file")


def test_bad_field_after_the_file_leaves_nothing(
    client: httpx.Client, stored: Callable[[], set[str]], wait_for: Waiter
) -> None:
    """Also when parts of the file are in the bucket already."""
    before = stored()
    body = part("file", ROW * 400_000, "a.csv") + part("column_mapping", b"{") + b"--b--"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.post("/api/uploads", content=body, headers=headers).status_code == 422
    wait_for(lambda: stored() == before, "nothing is left of it")


def test_caller_who_hangs_up_leaves_nothing(
    raw: Callable[..., socket.socket],
    stored: Callable[[], set[str]],
    database: psycopg.Connection,
    wait_for: Waiter,
) -> None:
    """No object, no parts, no row."""
    before, rows = stored(), count_uploads(database)
    line = raw(200 * MB, part("file", ROW * 400_000, "gone.csv")[:-2])
    wait_for(lambda: any(key.startswith("begun") for key in stored() - before), "parts are there")
    line.close()
    wait_for(lambda: stored() == before, "nothing is left of it")
    assert count_uploads(database) == rows


def test_silent_and_trickling_callers_are_given_up(
    deployment: Any,
    start_node: StartNode,
    raw: Callable[..., socket.socket],
    stored: Callable[[], set[str]],
    wait_for: Waiter,
) -> None:
    """By a deadline for progress, whatever the size; they are told why."""
    before = stored()
    url, _process = start_node({**deployment.env, "UPLOAD_IDLE_TIMEOUT_S": "1"})
    silent = raw(200 * MB, part("file", ROW * 400_000, "a.csv")[:-2], url)
    assert answered(silent) == 408
    assert not silent.recv(65536).startswith(b"HTTP")
    nothing = raw(200, b"", url)
    assert answered(nothing) == 408
    wait_for(lambda: stored() == before, "nothing is left of them")


def test_bucket_that_dies_on_the_way_is_a_503(
    deployment: Any,
    start_node: StartNode,
    free_port: Callable[[], int],
    raw: Callable[..., socket.socket],
    database: psycopg.Connection,
) -> None:
    """Told before the rest is sent, and without a row."""
    env = {**deployment.env, "AWS_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    url, _process = start_node(env)
    rows = count_uploads(database)
    line = raw(200 * MB, part("file", ROW * 400_000, "a.csv")[:-2], url)
    assert answered(line) == 503
    assert count_uploads(database) == rows


def test_row_that_postgres_refuses_takes_its_object_along(
    client: httpx.Client,
    database: psycopg.Connection,
    stored: Callable[[], set[str]],
    wait_for: Waiter,
) -> None:
    """503, and the bucket is as it was before."""
    before = stored()
    database.execute(
        "ALTER TABLE uploads ADD CONSTRAINT refusing CHECK (filename <> 'refused-row.csv')"
    )
    try:
        answer = client.post("/api/uploads", files={"file": ("refused-row.csv", ROW)})
    finally:
        database.execute("ALTER TABLE uploads DROP CONSTRAINT refusing")
    assert answer.status_code == 503
    wait_for(lambda: stored() == before, "its object is gone")


def count_uploads(database: psycopg.Connection) -> int:
    """How many uploads are recorded."""
    [row] = database.execute("SELECT count(*) FROM uploads")
    return int(row[0])
