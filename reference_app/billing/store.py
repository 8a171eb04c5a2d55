"""How far the billing of an upload is, as the API reads it."""

from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from reference_app.database import Database

_COUNTS = """
    SELECT 'attempts' AS kind, status AS name, count(*) AS count
    FROM billing_attempts WHERE upload_id = %s GROUP BY status
    UNION ALL
    SELECT 'payments', p.status, count(*)
    FROM billing_attempts a JOIN payments p ON p.unique_id = a.unique_id
    WHERE a.upload_id = %s GROUP BY p.status
    UNION ALL
    SELECT 'rejections', coalesce(error, ''), count(*)
    FROM billing_attempts WHERE upload_id = %s AND status = 'rejected' GROUP BY error
    UNION ALL
    SELECT 'payee_checks', c.result, count(*)
    FROM payee_checks c JOIN debtors d ON d.id = c.debtor_id
    WHERE d.upload_id = %s GROUP BY c.result"""


@dataclass(frozen=True)
class BillingCount:
    """How many debtors of an upload are in one state."""

    kind: str
    name: str
    count: int


class BillingStore:
    """Reads; each call is bounded in time or raises UnavailableError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, upload_id: UUID) -> list[BillingCount]:
        """All counts of an upload."""
        ids = [upload_id] * _COUNTS.count("%s")
        return await self._database.fetch(class_row(BillingCount), _COUNTS, *ids)
