"""Bearer tokens: only their SHA-256 is stored, each belongs to one account."""

import hashlib
import re
from http import HTTPStatus

from psycopg import AsyncConnection

from reference_app.database import QUERY_TIMEOUT_S, Database, within
from reference_app.handler import BaseHandler
from reference_app.problems import ProblemError

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

    async def query() -> str | None:
        async with database.connection() as connection:
            return await _select_account(connection, token_hash(token))

    return await within(QUERY_TIMEOUT_S, "postgres", query())


async def _select_account(connection: AsyncConnection, digest: bytes) -> str | None:
    cursor = await connection.execute(
        "SELECT account FROM api_tokens WHERE token_sha256 = %s", (digest,)
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else None


def _unauthorised(challenge: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "A valid bearer token is needed.",
        headers={"WWW-Authenticate": challenge},
    )
