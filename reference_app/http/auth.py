"""Bearer tokens: only their SHA-256 is stored, each belongs to one account and is good for some.

A token is taken from the Authorization header only: addresses end up in logs and histories.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from psycopg.rows import class_row

from reference_app.database import Database
from reference_app.http.handler import BaseHandler
from reference_app.http.problems import ProblemError
from reference_app.scopes import token_hash

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/=-]{1,512})")


@dataclass(frozen=True)
class Grant:
    """Whom a valid token stands for, and what it is good for."""

    account: str
    scopes: list[str]


class AccountHandler(BaseHandler):
    """A route for the holder of a token; `account` is known once the body may be read."""

    scopes: ClassVar[Mapping[str, str]]
    """The scope that each method needs; HEAD needs that of GET."""

    account: str = ""

    async def authorise(self) -> None:
        """Find the account of the token, or refuse."""
        header = self.request.headers.get("Authorization", "")
        if not header:
            raise _unauthorised('Bearer realm="tether"')
        given = _BEARER.fullmatch(header)
        grant = await grant_of(self.services.database, given[1]) if given else None
        if grant is None:
            raise _unauthorised('Bearer realm="tether", error="invalid_token"')
        method = str(self.request.method)
        needed = self.scopes["GET" if method == "HEAD" else method]
        if needed not in grant.scopes:
            raise _forbidden(needed)
        self.account = grant.account


async def grant_of(database: Database, token: str) -> Grant | None:
    """What a token grants; None if it is unknown, expired or revoked."""
    found = await database.fetch(
        class_row(Grant),
        """SELECT account, scopes FROM api_tokens WHERE token_sha256 = %s
           AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())""",
        token_hash(token),
    )
    return found[0] if found else None


def _unauthorised(challenge: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "A valid bearer token is needed.",
        headers={"WWW-Authenticate": challenge},
    )


def _forbidden(needed: str) -> ProblemError:
    challenge = f'Bearer realm="tether", error="insufficient_scope", scope="{needed}"'
    return ProblemError(
        HTTPStatus.FORBIDDEN,
        f"The token lacks the scope {needed}.",
        headers={"WWW-Authenticate": challenge},
    )
