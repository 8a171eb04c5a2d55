"""Bearer tokens: only their SHA-256 is stored, each belongs to one account."""

import hashlib
import re
from http import HTTPStatus

from psycopg.rows import scalar_row

from reference_app.database import Database
from reference_app.http.handler import BaseHandler
from reference_app.http.problems import ProblemError

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/=-]{1,512})")


def token_hash(token: str) -> bytes:
    """What is stored of a token. Tokens are long and random, so a plain hash cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


class AccountHandler(BaseHandler):
    """A route for the holder of a token; `account` is known once the body may be read."""

    account: str = ""

    async def authorise(self) -> None:
        """Find the account of the token, or refuse."""
        header = self.request.headers.get("Authorization", "")
        if not header:
            raise _unauthorised('Bearer realm="tether"')
        given = _BEARER.fullmatch(header)
        account = await account_of(self.services.database, given[1]) if given else None
        if account is None:
            raise _unauthorised('Bearer realm="tether", error="invalid_token"')
        self.account = account


async def account_of(database: Database, token: str) -> str | None:
    """The account that a token belongs to."""
    query = "SELECT account FROM api_tokens WHERE token_sha256 = %s"
    found = await database.fetch(scalar_row, query, token_hash(token))
    return str(found[0]) if found else None


def _unauthorised(challenge: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "A valid bearer token is needed.",
        headers={"WWW-Authenticate": challenge},
    )
