"""Errors of a request, answered as problem+json (RFC 9457).

- ProblemError: the caller's request is at fault; carries status, detail and the fields concerned
- UnavailableError: a service behind us is away; answered as 503 with Retry-After
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from tornado.web import HTTPError

RETRY_AFTER_SECONDS = 2
CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """One field of the request and what is wrong with it."""

    field: str
    reason: str


class ProblemError(HTTPError):
    """A refused request, with all that its problem document says."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *errors: FieldError,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status.value)
        self.document = ProblemDocument(status, detail, errors)
        self.headers = dict(headers or {})


class UnavailableError(Exception):
    """A service that the request needs did not answer in time."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} is not available")
        self.service = service


@dataclass(frozen=True)
class ProblemDocument:
    """The body of a refusal."""

    status: HTTPStatus
    detail: str
    errors: tuple[FieldError, ...] = field(default=())

    def to_json(self, request_id: str) -> str:
        """Render; `errors` and `request_id` are the extension members."""
        return json.dumps(
            {
                "type": "about:blank",
                "title": self.status.phrase,
                "status": self.status.value,
                "detail": self.detail,
                "errors": [{"field": error.field, "reason": error.reason} for error in self.errors],
                "request_id": request_id,
            }
        )
