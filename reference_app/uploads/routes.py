"""/api/uploads: show what became of files, and of their lines."""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from reference_app.http.auth import AccountHandler
from reference_app.http.problems import ProblemError
from reference_app.scopes import READ_UPLOADS
from reference_app.uploads.store import Upload
from reference_app.uploads.views import bad_query, upload_document

PAGE_DEFAULT = 100
DEBTORS_PAGE_MAX = 1000
ERRORS_SHOWN = 1000
MAX_LINE = 2**31 - 1
UUID_CHARS = 36


class UploadHandler(AccountHandler):
    """A route under one upload of the caller's account."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": READ_UPLOADS}

    async def upload(self, text: str) -> Upload:
        """The upload of that id; malformed, unknown and other people's ids are all 404."""
        try:
            upload_id = UUID(text) if len(text) == UUID_CHARS else None
        except ValueError:
            upload_id = None
        found = upload_id and await self.services.uploads.find(self.account, upload_id)
        if not found:
            raise ProblemError(HTTPStatus.NOT_FOUND, "There is no such upload.")
        return found


class UploadStatusHandler(UploadHandler):
    """One upload."""

    async def get(self, upload_id: str) -> None:
        """Show how far the upload is and which lines were refused first."""
        upload = await self.upload(upload_id)
        errors = await self.services.uploads.row_errors(upload.id, 0, ERRORS_SHOWN)
        total = len(errors)
        if total == ERRORS_SHOWN:
            total = await self.services.uploads.count_row_errors(upload.id)
        shown = [asdict(error) for error in errors]
        self.write_json({**upload_document(upload), "errors": shown, "errors_total": total})


class UploadDebtorsHandler(UploadHandler):
    """The debtors of one upload."""

    async def get(self, upload_id: str) -> None:
        """Show a page of debtors, after the line that the page before ended with."""
        after = whole_number(self, "after", 0, lowest=0, highest=MAX_LINE)
        limit = whole_number(self, "limit", PAGE_DEFAULT, lowest=1, highest=DEBTORS_PAGE_MAX)
        upload = await self.upload(upload_id)
        found = await self.services.uploads.debtors(upload.id, after, limit + 1)
        page = found[:limit]
        items = [asdict(debtor) for debtor in page]
        self.write_json({"items": items, "next": page[-1].line if len(found) > limit else None})


def whole_number(
    handler: AccountHandler, name: str, default: int, *, lowest: int, highest: int
) -> int:
    """A number of the query, or the refusal of what is none."""
    given = handler.get_query_arguments(name)
    text = given[-1] if given else str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LINE))):
        raise bad_query(name, "is not a whole number")
    if not lowest <= int(text) <= highest:
        raise bad_query(name, f"is not between {lowest} and {highest}")
    return int(text)
