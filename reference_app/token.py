"""Bearer tokens of accounts: `python -m reference_app.token add|list|revoke`.

`add` reads the token from stdin, or makes one and prints it this once; what is stored is its hash.
"""

import argparse
import re
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
from psycopg.rows import class_row

from reference_app.commands import refusals
from reference_app.database import conninfo
from reference_app.scopes import SCOPES, token_hash
from reference_app.settings import Settings, load_settings

MIN_TOKEN_CHARS = 16
MIN_PREFIX_CHARS = 8
SHOWN_PREFIX_CHARS = 12
MAX_DAYS = 3650

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")
_ACCOUNT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PREFIX = re.compile(rf"[0-9a-f]{{{MIN_PREFIX_CHARS},64}}")

_LIST: LiteralString = """
    SELECT encode(token_sha256, 'hex') AS sha256_hex, account, scopes, created_at, expires_at,
           revoked_at
    FROM api_tokens ORDER BY account, created_at"""


class TokenRefusedError(Exception):
    """The command cannot be done; the message says why, without the token."""


@dataclass(frozen=True)
class StoredToken:
    """What is known of a token."""

    sha256_hex: str
    account: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def line(self) -> str:
        """For people; the hash's prefix is the token's name."""
        parts = [self.sha256_hex[:SHOWN_PREFIX_CHARS], self.account, ",".join(self.scopes)]
        parts.append(f"created {self.created_at:%Y-%m-%d}")
        if self.expires_at:
            parts.append(f"expires {self.expires_at:%Y-%m-%d}")
        if self.revoked_at:
            parts.append(f"revoked {self.revoked_at:%Y-%m-%d}")
        return "  ".join(parts)


def add_token(
    settings: Settings,
    account: str,
    token: str,
    *,
    scopes: tuple[str, ...] = SCOPES,
    expires_at: datetime | None = None,
) -> None:
    """Store the token's hash for the account; storing it again changes nothing."""
    _check(account, token)
    with _connect(settings) as connection:
        connection.execute(
            """INSERT INTO api_tokens (token_sha256, account, scopes, expires_at)
               VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            (token_hash(token), account, sorted(set(scopes)), expires_at),
        )
        row = connection.execute(
            "SELECT account, scopes, revoked_at FROM api_tokens WHERE token_sha256 = %s",
            (token_hash(token),),
        ).fetchone()
    if row is None or row[0] != account:
        raise TokenRefusedError("the token belongs to another account")
    if row[2]:
        raise TokenRefusedError("the token was revoked; make another")
    if set(row[1]) != set(scopes):
        raise TokenRefusedError("the token is stored with other scopes; make another")


def stored_tokens(settings: Settings) -> list[StoredToken]:
    """All tokens, by account."""
    with _connect(settings) as connection:
        return connection.cursor(row_factory=class_row(StoredToken)).execute(_LIST).fetchall()


def revoke_token(settings: Settings, prefix: str) -> StoredToken:
    """Revoke the one token whose hash begins so; revoking again changes nothing."""
    if not _PREFIX.fullmatch(prefix):
        raise TokenRefusedError(f"give {MIN_PREFIX_CHARS} or more digits of the hash, as listed")
    meant = [token for token in stored_tokens(settings) if token.sha256_hex.startswith(prefix)]
    if len(meant) != 1:
        raise TokenRefusedError(f"{len(meant)} tokens have a hash that begins so")
    with _connect(settings) as connection:
        connection.execute(
            """UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now())
               WHERE token_sha256 = decode(%s, 'hex')""",
            (meant[0].sha256_hex,),
        )
    return meant[0]


def _check(account: str, token: str) -> None:
    if not _ACCOUNT.fullmatch(account):
        raise TokenRefusedError("the account's name is malformed")
    if not _TOKEN.fullmatch(token) or len(token) < MIN_TOKEN_CHARS:
        raise TokenRefusedError(
            f"a token has {MIN_TOKEN_CHARS} to 512 characters of a bearer token"
        )


def _connect(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(conninfo(settings), prepare_threshold=None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reference_app.token", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="read a token from stdin and store its hash")
    adding.add_argument("--account", required=True)
    adding.add_argument("--scope", action="append", choices=SCOPES, help="default: all")
    adding.add_argument("--expires-in-days", type=int, metavar="DAYS")
    adding.add_argument("--generate", action="store_true", help="make a token and print it")
    commands.add_parser("list", help="show all tokens by their hash")
    revoking = commands.add_parser("revoke", help="make a token worthless")
    revoking.add_argument("prefix", help="the hash's first digits, as listed")
    return parser


def _add(settings: Settings, arguments: argparse.Namespace) -> None:
    days: int | None = arguments.expires_in_days
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise TokenRefusedError(f"--expires-in-days takes 1 to {MAX_DAYS}")
    token = secrets.token_urlsafe(32) if arguments.generate else sys.stdin.readline().strip()
    add_token(
        settings,
        arguments.account,
        token,
        scopes=tuple(arguments.scope or SCOPES),
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    if arguments.generate:
        sys.stdout.write(f"{token}\n")


def _run(settings: Settings, arguments: argparse.Namespace) -> None:
    if arguments.command == "add":
        _add(settings, arguments)
    elif arguments.command == "list":
        for token in stored_tokens(settings):
            sys.stdout.write(f"{token.line()}\n")
    else:
        revoked = revoke_token(settings, arguments.prefix)
        sys.stdout.write(f"revoked: {revoked.sha256_hex[:SHOWN_PREFIX_CHARS]}\n")


def main() -> int:
    """Run one command."""
    arguments = _parser().parse_args()
    try:
        with refusals(TokenRefusedError):
            _run(load_settings(), arguments)
    except psycopg.OperationalError:
        # Its text may spell out the connection.
        sys.stderr.write("the database is not available\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
