"""Large files through the running service; `make prove` runs it and shows the figures."""

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO, Any

import httpx
import openpyxl
import psutil
import pytest
from schwifty import IBAN

MIB = 1024 * 1024
XLSX_ROWS, XLSX_LIMIT_S = 100_000, 8.0
CSV_ROWS, WORKER_LIMIT_MIB = 1_000_000, 300


class MemoryWatch(threading.Thread):
    """Notes the largest resident set of any process below the supervisor."""

    def __init__(self, supervisor_pid: int) -> None:
        super().__init__()
        self._supervisor = psutil.Process(supervisor_pid)
        self._enough = threading.Event()
        self.largest_mib = 0.0

    def run(self) -> None:
        """Look twenty times a second."""
        while not self._enough.wait(0.05):
            for process in [self._supervisor, *self._supervisor.children(recursive=True)]:
                try:
                    used = process.memory_info().rss / MIB
                except psutil.NoSuchProcess:
                    continue
                self.largest_mib = max(self.largest_mib, used)

    def stop(self) -> None:
        """Look no more."""
        self._enough.set()
        self.join()


@pytest.fixture
def watch(own_deployment: Any) -> Iterator[MemoryWatch]:
    """A watch on the workers."""
    thread = MemoryWatch(own_deployment.process("worker").pid)
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture(scope="module")
def ibans() -> Sequence[str]:
    """Valid IBANs of several countries."""
    chosen = random.Random(1)
    return [
        str(IBAN.random(country_code=country, random=chosen))
        for country in ("DE", "NL", "FR", "ES", "AT")
        for _ in range(4000)
    ]


def debtors(ibans: Sequence[str], rows: int) -> Iterator[tuple[str, str, float]]:
    """Rows that are all different debts."""
    for number in range(rows):
        yield (
            ibans[number % len(ibans)],
            f"Debtor Number {number}",
            round(1 + number // len(ibans) + number % 100 / 100, 2),
        )


def settled(target: Any, name: str, content: IO[bytes]) -> tuple[dict[str, Any], float]:
    """Upload a file and wait for it; gives its document and the seconds it took."""
    headers = {"Authorization": f"Bearer {target.token}"}
    with httpx.Client(base_url=target.base_url, headers=headers, timeout=120) as client:
        content.seek(0)
        started = time.monotonic()
        accepted = client.post("/api/uploads", files={"file": (name, content)})
        assert accepted.status_code == 202, accepted.text
        path = f"/api/uploads/{accepted.json()['id']}"
        while (document := client.get(path).json())["status"] in {"pending", "processing"}:
            assert time.monotonic() - started < 300, document
            time.sleep(0.1)
        return document, time.monotonic() - started


def test_a_workbook_of_a_hundred_thousand_rows(own_deployment: Any, ibans: Sequence[str]) -> None:
    """From the first byte sent to the last debtor written in less than eight seconds."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(("IBAN", "Name", "Amount"))
    for row in debtors(ibans, XLSX_ROWS):
        sheet.append(row)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        document, seconds = settled(own_deployment, "debtors.xlsx", file)
    print(f"\n{XLSX_ROWS} rows of XLSX: {seconds:.1f} s, {document['counts']}")
    assert document["counts"]["created"] == XLSX_ROWS, document
    assert seconds < XLSX_LIMIT_S


def test_a_million_rows_of_csv(
    own_deployment: Any, ibans: Sequence[str], watch: MemoryWatch
) -> None:
    """No process of the workers needs three hundred MiB for them."""
    with tempfile.TemporaryFile() as file:
        file.write(b"IBAN,Name,Amount\n")
        for iban, name, amount in debtors(ibans, CSV_ROWS):
            file.write(f"{iban},{name},{amount:.2f}\n".encode())
        document, seconds = settled(own_deployment, "debtors.csv", file)
    watch.stop()
    print(
        f"\n{CSV_ROWS} rows of CSV: {seconds:.1f} s, largest worker process"
        f" {watch.largest_mib:.0f} MiB, {document['counts']}"
    )
    assert document["counts"]["created"] == CSV_ROWS, document
    assert watch.largest_mib < WORKER_LIMIT_MIB
