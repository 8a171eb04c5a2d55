"""Uploads, from the form to the debtors and back to the file."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from reference_app.bucket import Bucket, ObjectMissingError
from reference_app.http.problems import UnavailableError
from reference_app.job_database import JobDatabase
from reference_app.queueing.connections import impatient_redis, queue_redis
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.settings import Settings
from reference_app.uploads import processing as upload_processing
from reference_app.uploads import sandbox, settling, sweep_job
from reference_app.uploads.column_mapping import ColumnMapping

A, B = "DE89370400440532013000", "NL91ABNA0417164300"
FILE = f"IBAN;Name;Amount\n{A};Jürgen;1.234,56\n{A};Jürgen;1234,56\n{B};Ann;5\nbad;Bob;1\n".encode(
    "cp1252"
)
DAYS = 30
Upload = Callable[[bytes], dict[str, Any]]
Databases = Callable[[], JobDatabase]


@pytest.fixture(autouse=True)
def no_earlier_uploads(database: psycopg.Connection) -> None:
    """Let the debtors of earlier tests be another account's, so that nothing is their duplicate."""
    database.execute("UPDATE debtors SET account = 'earlier tests'")


def test_file_becomes_debtors(client: httpx.Client, upload: Upload) -> None:
    """Counts, refused lines and debtors are what the file says."""
    document = upload(FILE)
    assert document["status"] == "completed"
    assert document["counts"] == {
        "rows": 4,
        "created": 2,
        "duplicate": 1,
        "invalid": 1,
        "blacklisted": 0,
    }
    assert {error["line"]: error["reason"] for error in document["errors"]} == {
        3: "duplicate of line 2",
        5: "IBAN is not valid (InvalidStructure)",
    }
    assert document["sha256"] == hashlib.sha256(FILE).hexdigest()
    debtors = client.get(f"/api/uploads/{document['id']}/debtors").json()
    assert debtors["next"] is None
    unpaid = {"currency": "EUR", "status": None}
    assert debtors["items"] == [
        {"line": 2, "iban": A, "name": "Jürgen", "amount_cents": 123_456, **unpaid},
        {"line": 4, "iban": B, "name": "Ann", "amount_cents": 500, **unpaid},
    ]


def test_file_comes_back_from_every_node(
    deployment: Any, client: httpx.Client, upload: Upload
) -> None:
    """Byte for byte, whichever node took it: nothing is on a node's disk."""
    document = upload(FILE)
    for url in deployment.nodes.values():
        answer = client.get(f"{url}/api/uploads/{document['id']}/download")
        assert answer.content == FILE
        assert answer.headers["Content-Length"] == str(len(FILE))
        assert answer.headers["ETag"] == f'"{document["sha256"]}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_known_file_is_not_sent_again(client: httpx.Client, upload: Upload) -> None:
    """304 for a known ETag, and no body for HEAD."""
    path = f"/api/uploads/{upload(FILE)['id']}/download"
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (
        200,
        b"",
        str(len(FILE)),
    )
    assert client.get(path, headers={"If-None-Match": head.headers["ETag"]}).status_code == 304


def test_debtors_are_paged_by_line(client: httpx.Client, upload: Upload) -> None:
    """Following `next` gives every debtor once, in the order of the file."""
    rows = "".join(f"{A},N{number},{number}\n" for number in range(1, 8))
    document = upload(("IBAN,Name,Amount\n" + rows).encode())
    path = f"/api/uploads/{document['id']}/debtors"
    names, after = [], 0
    while after is not None:
        page = client.get(path, params={"after": after, "limit": 3}).json()
        assert len(page["items"]) <= 3
        names += [debtor["name"] for debtor in page["items"]]
        after = page["next"]
    assert names == [f"N{number}" for number in range(1, 8)]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999", "limit=0", "limit=1001", "limit=%00"]
)
def test_bad_pages_are_refused_by_name(client: httpx.Client, query: str) -> None:
    """A query that makes no sense is a 400 that names its parameter."""
    answer = client.get(f"/api/uploads/{uuid4()}/debtors?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_newest_upload_comes_first(client: httpx.Client, upload: Upload) -> None:
    """The list shows one's uploads, the latest on top."""
    ids = [upload(FILE)["id"] for _ in range(2)]
    assert [item["id"] for item in client.get("/api/uploads").json()["items"]][:2] == ids[::-1]


def test_other_accounts_see_nothing(
    client: httpx.Client, stranger_token: str, upload: Upload
) -> None:
    """Another account's id is as unknown as one that never was."""
    upload_id = upload(FILE)["id"]
    headers = {"Authorization": f"Bearer {stranger_token}"}
    for suffix in ("", "/debtors", "/download"):
        theirs = client.get(f"/api/uploads/{upload_id}{suffix}", headers=headers)
        never = client.get(f"/api/uploads/{uuid4()}{suffix}", headers=headers)
        assert theirs.status_code == never.status_code == 404
        assert theirs.json()["detail"] == never.json()["detail"]
    assert client.get("/api/uploads", headers=headers).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "upload_id",
    [
        "x",
        "0" * 36,
        "%00",
        "'; --",
        "a" * 5000,
        "%F0%9F%92%A9",
        "9a6a9cef-d78c-44be-b8e4-63c915749c5f",
    ],
)
def test_odd_ids_are_404(client: httpx.Client, deployment, upload_id: str) -> None:
    """No id breaks the service; asked past the balancer, which refuses a NUL by itself."""
    node_url = deployment.nodes["api-1"]
    for suffix in ("", "/debtors", "/download"):
        assert client.get(f"{node_url}/api/uploads/{upload_id}{suffix}").status_code == 404


@pytest.mark.parametrize("token", ["wrong-token-0123456789", "x" * 600])
def test_tokens_are_needed(client: httpx.Client, token: str) -> None:
    """Without a known token there is a challenge and nothing else."""
    answer = client.get("/api/uploads", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_mapping_and_odd_file_names(client: httpx.Client, wait_for: Callable[..., None]) -> None:
    """Own headers are honoured; a file name is a name, never a path or a header."""
    name = '../../etc/päss"word;\u20ac.csv'
    answer = client.post(
        "/api/uploads",
        files={"file": (name, f"Konto,Kunde,Betrag\n{A},Ann,5".encode())},
        data={"column_mapping": json.dumps({"iban": "konto", "name": "kunde", "amount": "betrag"})},
    )
    path = f"/api/uploads/{answer.json()['id']}"
    wait_for(lambda: client.get(path).json()["status"] == "completed", "it is processed")
    assert "/" not in client.get(path).json()["filename"]
    disposition = client.get(f"{path}/download").headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert "/" not in disposition
    assert disposition.isascii()


def test_unreadable_file_fails_with_a_reason(upload: Upload) -> None:
    """The sender learns what is wrong with the file; nothing is tried again and again."""
    document = upload(b"a,b,c\nx,y,z\n")
    assert document["status"] == "failed"
    assert "cannot be told" in document["failure"]


@pytest.fixture
def new_row(
    database: psycopg.Connection, live_settings: Settings
) -> Callable[[bytes, bytes | None], UUID]:
    """Put a pending upload in place by hand: its recorded content, and what the bucket holds."""

    def place(content: bytes, stored: bytes | None) -> UUID:
        upload_id = uuid4()
        key = f"uploads/{upload_id}.csv"
        if stored is not None:
            Bucket(live_settings).put_stream(key, BytesIO(stored), "text/csv")
        database.execute(
            """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256,
                                    status, column_mapping)
               VALUES (%s, 'tests', 'a.csv', %s, %s, %s, 'pending', %s)""",
            (
                upload_id,
                key,
                len(content),
                hashlib.sha256(content).hexdigest(),
                json.dumps(ColumnMapping().to_fields()),
            ),
        )
        return upload_id

    return place


def state(database: psycopg.Connection, upload_id: UUID) -> tuple[str, int]:
    """Status of an upload and how many debtors it has."""
    row = database.execute(
        """SELECT status, (SELECT count(*) FROM debtors WHERE upload_id = uploads.id)
           FROM uploads WHERE id = %s""",
        (upload_id,),
    ).fetchone()
    assert row
    return str(row[0]), int(row[1])


def test_running_again_makes_no_second_debtors(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """Neither after it was done nor after a run that was killed half way."""
    upload_id = new_row(FILE, FILE)
    for _ in range(2):
        upload_processing.process(job_databases(), Bucket(live_settings), upload_id, DAYS)
        assert state(database, upload_id) == ("completed", 2)
    database.execute("UPDATE debtors SET account = 'earlier tests'")
    killed = new_row(FILE, FILE)
    database.execute("UPDATE uploads SET status = 'processing' WHERE id = %s", (killed,))
    upload_processing.process(job_databases(), Bucket(live_settings), killed, DAYS)
    assert state(database, killed) == ("completed", 2)


def test_two_runs_at_once_settle_it_once(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that was taken for lost and its successor both end well, with one set of debtors."""
    upload_id = new_row(FILE, FILE)
    both, run = Barrier(2, timeout=10), sandbox.run

    def read_together(work: Callable[[], Any]) -> Any:
        both.wait()
        return run(work)

    monkeypatch.setattr(sandbox, "run", read_together)
    bucket = Bucket(live_settings)
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(upload_processing.process, job_databases(), bucket, upload_id, DAYS)
            for _ in range(2)
        ]
    assert [run.exception() for run in runs] == [None, None]
    assert state(database, upload_id) == ("completed", 2)


def test_truncated_object_is_never_completed(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """Half a file must not pass for the whole one: the job fails and will be tried again."""
    upload_id = new_row(FILE, FILE[:40])
    with pytest.raises(upload_processing.ObjectDiffersError):
        upload_processing.process(job_databases(), Bucket(live_settings), upload_id, DAYS)
    assert state(database, upload_id) == ("processing", 0)


def test_missing_object_fails_for_good(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """There is nothing to wait for."""
    upload_id = new_row(FILE, None)
    upload_processing.process(job_databases(), Bucket(live_settings), upload_id, DAYS)
    assert state(database, upload_id) == ("failed", 0)


def test_debtors_and_status_commit_together(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that breaks after writing debtors leaves none."""
    upload_id = new_row(FILE, FILE)

    monkeypatch.setattr(settling, "_SETTLE", "SELECT 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        upload_processing.process(job_databases(), Bucket(live_settings), upload_id, DAYS)
    assert state(database, upload_id) == ("processing", 0)


def test_no_file_is_left_on_the_disk(
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even while the job works on it: a kill could not leave it behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[list[Path]] = []
    run = sandbox.run

    def watched(work: Callable[[], Any]) -> Any:
        seen.append(list(tmp_path.iterdir()))
        return run(work)

    monkeypatch.setattr(sandbox, "run", watched)
    upload_processing.process(job_databases(), Bucket(live_settings), new_row(FILE, FILE), DAYS)
    assert seen == [[]]


def test_bucket_knows_missing_from_unreachable(live_settings: Settings) -> None:
    """A missing object is final, an unreachable bucket is not."""
    with pytest.raises(ObjectMissingError):
        Bucket(live_settings).open("uploads/none.csv")
    with pytest.raises(UnavailableError):
        Bucket(live_settings.model_copy(update={"aws_endpoint": "http://127.0.0.1:1"})).open("x")


def test_same_debts_again_are_duplicates(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """Across the account's files of the last days; other amounts and other accounts are not."""
    bucket = Bucket(live_settings)
    upload_processing.process(job_databases(), bucket, new_row(FILE, FILE), DAYS)
    more = FILE.replace(b"Ann;5", b"Ann;6")
    again, never, other = (new_row(more, more) for _ in range(3))
    database.execute("UPDATE uploads SET account = 'other' WHERE id = %s", (other,))
    upload_processing.process(job_databases(), bucket, again, DAYS)
    upload_processing.process(job_databases(), bucket, other, DAYS)
    assert state(database, again) == ("completed", 1)
    assert state(database, other) == ("completed", 2)
    reasons = "SELECT line, reason FROM upload_row_errors WHERE upload_id = %s ORDER BY line"
    assert database.execute(reasons, (again,)).fetchall() == [
        (2, "duplicate of an earlier upload"),
        (3, "duplicate of line 2"),
        (5, "IBAN is not valid (InvalidStructure)"),
    ]
    upload_processing.process(job_databases(), bucket, never, 0)
    assert state(database, never) == ("completed", 2)


def test_one_file_uploaded_twice_at_once_makes_one_set_of_debtors(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """Neither of the two misses the other, whichever comes first."""
    ids, bucket = [new_row(FILE, FILE) for _ in range(4)], Bucket(live_settings)
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(upload_processing.process, job_databases(), bucket, one, DAYS)
            for one in ids
        ]
    assert [run.exception() for run in runs] == [None] * 4
    assert sorted(state(database, one)[1] for one in ids) == [0, 0, 0, 2]


def test_blacklisted_accounts_make_no_debtors(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """They are counted and named by line; accounts that a person is to review are not blocked."""
    database.execute("DELETE FROM blacklisted_ibans")
    database.execute(
        """INSERT INTO blacklisted_ibans (iban, reason_code, level, unique_id)
           VALUES (%s, 'AC04', 'block', 'x'), (%s, 'MD06', 'review', 'x')""",
        (A, B),
    )
    upload_id = new_row(FILE, FILE)
    upload_processing.process(job_databases(), Bucket(live_settings), upload_id, DAYS)
    database.execute("DELETE FROM blacklisted_ibans")
    assert state(database, upload_id) == ("completed", 1)
    counts = "SELECT rows_total, rows_created, rows_blacklisted FROM uploads WHERE id = %s"
    assert database.execute(counts, (upload_id,)).fetchone() == (4, 1, 2)
    reasons = "SELECT reason FROM upload_row_errors WHERE upload_id = %s AND line = 2"
    assert database.execute(reasons, (upload_id,)).fetchone() == ("IBAN is blacklisted (AC04)",)


def test_guessed_columns_wait_for_a_person(
    database: psycopg.Connection,
    live_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
) -> None:
    """Nothing is created from a guess; confirmed, the same file is read."""
    content = f"Konto,Kunde,Betrag\n{A},Ann Bell,5\n".encode()
    upload_id, bucket = new_row(content, content), Bucket(live_settings)
    database.execute("UPDATE uploads SET column_mapping = NULL WHERE id = %s", (upload_id,))
    upload_processing.process(job_databases(), bucket, upload_id, DAYS)
    assert state(database, upload_id) == ("awaiting_mapping", 0)
    shown = "SELECT headers, suggested_mapping FROM uploads WHERE id = %s"
    mapping = {"iban": "Konto", "name": "Kunde", "amount": "Betrag"}
    assert database.execute(shown, (upload_id,)).fetchone() == ([*mapping.values()], mapping)
    database.execute(
        """UPDATE uploads SET column_mapping = suggested_mapping, status = 'pending'
           WHERE id = %s""",
        (upload_id,),
    )
    upload_processing.process(job_databases(), bucket, upload_id, DAYS)
    assert state(database, upload_id) == ("completed", 1)


def test_uploads_without_a_job_are_found(
    database: psycopg.Connection,
    quiet_settings: Settings,
    job_databases: Databases,
    new_row: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A node that was killed between row and job leaves no upload that is pending for ever."""
    upload_id, fresh, lost = (new_row(FILE, FILE) for _ in range(3))
    old = "UPDATE uploads SET updated_at = now() - interval '2 hours', status = %s WHERE id = %s"
    database.execute(old, ("pending", upload_id))
    database.execute(old, ("processing", lost))
    monkeypatch.setattr(sweep_job, "database", job_databases)
    enqueuer = Enqueuer(impatient_redis(quiet_settings))
    monkeypatch.setattr(sweep_job, "_enqueuer", lambda: enqueuer)
    for _ in range(2):
        sweep_job.sweep_uploads()
    enqueuer.close()
    with queue_redis(quiet_settings) as redis:
        queued = [one.decode() for one in redis.lrange("rq:queue:default", 0, -1)]
    found = [sum(str(one) in job for job in queued) for one in (upload_id, lost, fresh)]
    assert found == [1, 1, 0]
    for one in (upload_id, lost, fresh):
        upload_processing.process(job_databases(), Bucket(quiet_settings), one, DAYS)
