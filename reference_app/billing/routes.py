"""/api/uploads/{id}/bill and /billing: collect the debts of an upload, show how far it is."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import ClassVar
from uuid import uuid4

from reference_app.billing.store import BillingCount
from reference_app.billing.vop_job import BATCH_SIZE, request_for
from reference_app.http.problems import ProblemError
from reference_app.scopes import BILLING
from reference_app.uploads.routes import UploadHandler

ATTEMPTS = ("sending", "unknown", "sent", "rejected")


class UploadBillHandler(UploadHandler):
    """Starts billing."""

    max_body_bytes = 1024
    """There is nothing to be said, but some clients send an empty document."""
    scopes: ClassVar[Mapping[str, str]] = {"POST": BILLING}

    async def post(self, upload_id: str) -> None:
        """Queue the billing of an upload; asked twice, it is queued once."""
        self.body()
        upload = await self.upload(upload_id)
        if upload.status != "completed":
            raise ProblemError(
                HTTPStatus.CONFLICT, "Only an upload that is completed can be billed."
            )
        batches = -(-upload.rows_created // BATCH_SIZE)
        if batches:
            job = request_for(upload.id, run=uuid4().hex, request_id=self.request_id)
            claim = await self.services.queue.claim(f"tether:billing:{upload.id}", job)
            self.set_header("X-Tether-Result", claim.value)
        self.set_header("Location", f"/api/uploads/{upload.id}/billing")
        self.write_json({"batches": batches}, HTTPStatus.ACCEPTED)


class UploadBillingHandler(UploadHandler):
    """Shows billing."""

    async def get(self, upload_id: str) -> None:
        """Count debtors by what became of them."""
        upload = await self.upload(upload_id)
        counts = await self.services.billing.counts(upload.id)
        attempts = _by_name(counts, "attempts")
        self.write_json(
            {
                "debtors": upload.rows_created,
                "attempts": {name: attempts.get(name, 0) for name in ATTEMPTS},
                "payments": _by_name(counts, "payments"),
                "rejections": _by_name(counts, "rejections"),
                "payee_checks": _by_name(counts, "payee_checks"),
            }
        )


def _by_name(counts: Iterable[BillingCount], kind: str) -> dict[str, int]:
    return {one.name: one.count for one in counts if one.kind == kind}
