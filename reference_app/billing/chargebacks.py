"""Fetches chargebacks by day, so that none is missed whose notification never came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog

from reference_app.billing.attempts import STATEMENT_TIMEOUT_MS
from reference_app.billing.gateway import Gateway
from reference_app.billing.throttle import Throttle
from reference_app.http.problems import ProblemError
from reference_app.job_database import JobDatabase
from reference_app.webhooks import effect
from reference_app.webhooks.notification import Notification, from_fields
from reference_app.webhooks.reasons import ReasonPolicy

CURSOR = "chargebacks"
FIRST_DAYS = 30
"""How far back the very first run looks."""

_TYPES: Mapping[str, tuple[str, str]] = {
    "1st chargeback": ("chargeback", "chargebacked"),
    "1st chargeback reversal": ("chargeback_reversal", "chargeback_reversed"),
    "2nd chargeback": ("second_chargeback", "second_chargebacked"),
    # There is no status for it: it is recorded, is seen as unknown, and moves nothing.
    "2nd chargeback reversal": ("second_chargeback_reversal", "second_chargeback_reversed"),
    "re-presentment": ("representment", "represented"),
    "representment": ("representment", "represented"),
}
_KEPT = ("transaction_type", "currency", "arn", "post_date", "reason_code", "reason_description")

log = structlog.get_logger("reconciliation")


@dataclass(frozen=True)
class ChargebackSync:
    """Brings the chargebacks up to date."""

    database: JobDatabase
    gateway: Gateway
    throttle: Throttle
    policy: ReasonPolicy
    overlap_days: int

    def run(self, today: date) -> int:
        """Fetch every day up to today; gives how many chargebacks were new."""
        new, day = 0, self._first_day(today)
        while day <= today:
            new += sum(self._apply(item) for item in self._posted_on(day))
            # Only now: a run that ends before this asks for the whole day again.
            self._move_cursor(day)
            day += timedelta(days=1)
        log.info("chargebacks_synced", new=new, until=today.isoformat())
        return new

    def _posted_on(self, day: date) -> Iterator[Mapping[str, str]]:
        page, pages = 1, 1
        while page <= pages:
            self.throttle.wait()
            found = self.gateway.chargebacks(day, page)
            yield from found.items
            page, pages = page + 1, found.pages

    def _apply(self, item: Mapping[str, str]) -> bool:
        try:
            news = notification_of(item)
        except ProblemError:
            # One that cannot be read must not keep all later ones out for ever.
            log.exception("chargeback_unreadable", arn=item.get("arn"))
            return False
        with self.database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            return effect.apply(
                connection, news, datetime.now(UTC), self.policy, effect.RECONCILIATION
            )

    def _first_day(self, today: date) -> date:
        with self.database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            row = connection.execute(
                "SELECT day FROM sync_cursors WHERE name = %s", (CURSOR,)
            ).fetchone()
        if row is None:
            return today - timedelta(days=FIRST_DAYS)
        known: date = row[0]
        return known - timedelta(days=self.overlap_days)

    def _move_cursor(self, day: date) -> None:
        with self.database.transaction(STATEMENT_TIMEOUT_MS) as connection:
            connection.execute(
                """INSERT INTO sync_cursors (name, day) VALUES (%s, %s)
                   ON CONFLICT (name) DO UPDATE
                   SET day = greatest(sync_cursors.day, excluded.day), updated_at = now()""",
                (CURSOR, day),
            )


def notification_of(item: Mapping[str, str]) -> Notification:
    """A listed chargeback as the notification that should have come: same id, event, status."""
    kind = " ".join(item.get("type", "").lower().split())
    event, status = _TYPES.get(kind, ("chargeback_other", kind.replace(" ", "_")[:64] or "none"))
    fields = {name: item[name] for name in _KEPT if item.get(name)}
    if amount := item.get("chargeback_amount") or item.get("amount"):
        fields["amount"] = amount
    original = item.get("original_transaction_unique_id", "")
    return from_fields({**fields, "unique_id": original, "event": event, "status": status})
