"""The check of a debtor's name against the account, before billing.

It is paid by the call, so only a sample is checked, up to a number a day. Whether a debtor is in
the sample follows from its id: a job that runs again checks the same ones, and none of them twice.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import structlog

from reference_app.billing.attempts import STATEMENT_TIMEOUT_MS
from reference_app.job_database import JobDatabase
from reference_app.settings import Settings

TIMEOUT_S = 5.0
BUDGET_S = 300.0
"""After this long billing goes on without the rest of the sample: a check must not hold it up."""
MAX_FAILURES = 5
RECOUNT_AFTER = 20
"""Checks of a day are counted again after so many, for what other workers have spent meanwhile."""
UNAVAILABLE = "unavailable"
MAX_NAME_CHARS = 140

_RESULTS = frozenset({"match", "close_match", "no_match", UNAVAILABLE})

_UNCHECKED = """
    SELECT d.id, d.iban, d.name FROM debtors d
    WHERE d.upload_id = %s
      AND NOT EXISTS (SELECT 1 FROM payee_checks c WHERE c.debtor_id = d.id)
      AND NOT EXISTS (SELECT 1 FROM billing_attempts a WHERE a.debtor_id = d.id)
    ORDER BY d.id"""

log = structlog.get_logger("vop")


@dataclass(frozen=True)
class Payee:
    """Whom to check."""

    debtor_id: int
    iban: str
    name: str


@dataclass(frozen=True)
class Verdict:
    """What the provider says."""

    result: str
    matched_name: str | None = None


class PayeeChecks:
    """Checks the sample of an upload."""

    def __init__(self, settings: Settings, database: JobDatabase) -> None:
        self._settings = settings
        self._database = database
        key = settings.vop_api_key.get_secret_value()
        self._client = httpx.Client(
            base_url=settings.vop_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    def check(self, upload_id: UUID) -> int:
        """Check who is in the sample and has not been; gives how many were asked for."""
        asked = failures = left = 0
        stop_at = time.monotonic() + BUDGET_S
        for payee in self._sample(upload_id):
            if asked % RECOUNT_AFTER == 0:
                left = self._settings.vop_daily_cap - self._spent_today()
            if left <= 0 or failures >= MAX_FAILURES or time.monotonic() > stop_at:
                log.warning("sample_cut", upload_id=str(upload_id), asked=asked, failures=failures)
                break
            verdict = self._ask(payee)
            failures = 0 if verdict else failures + 1
            # Not being told is an answer too: it must not block, nor be paid for again and again.
            self._record(payee, verdict or Verdict(UNAVAILABLE))
            asked, left = asked + 1, left - 1
        return asked

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _sample(self, upload_id: UUID) -> Iterator[Payee]:
        percent = self._settings.vop_sample_percent
        with self._database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            rows = connection.execute(_UNCHECKED, (upload_id,)).fetchall() if percent else []
        return (Payee(*row) for row in rows if in_sample(row[0], percent))

    def _spent_today(self) -> int:
        with self._database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            row = connection.execute(
                "SELECT count(*) FROM payee_checks WHERE checked_at >= date_trunc('day', now())"
            ).fetchone()
        return int(row[0]) if row else 0

    def _ask(self, payee: Payee) -> Verdict | None:
        try:
            question = {"iban": payee.iban, "name": payee.name}
            answer = self._client.post("/verify", json=question)
            answer.raise_for_status()
            return verdict_of(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            log.warning("not_verified", debtor_id=payee.debtor_id, cause=type(error).__name__)
            return None

    def _record(self, payee: Payee, verdict: Verdict) -> None:
        with self._database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            connection.execute(
                """INSERT INTO payee_checks (debtor_id, result, matched_name)
                   VALUES (%s, %s, %s) ON CONFLICT (debtor_id) DO NOTHING""",
                (payee.debtor_id, verdict.result, verdict.matched_name),
            )


def in_sample(debtor_id: int, percent: float) -> bool:
    """Whether this debtor is among the share that is checked."""
    digest = hashlib.sha256(f"vop\n{debtor_id}".encode()).digest()
    return int.from_bytes(digest[:4]) * 100 < percent * 2**32


def verdict_of(document: object) -> Verdict:
    """The provider's answer; ValueError if it is none."""
    result = document.get("result") if isinstance(document, dict) else None
    if not (isinstance(document, dict) and isinstance(result, str) and result in _RESULTS):
        raise ValueError("no result")
    name = document.get("name")
    # Postgres takes no NUL.
    known = name.replace("\0", "")[:MAX_NAME_CHARS] if isinstance(name, str) else None
    return Verdict(result, known)
