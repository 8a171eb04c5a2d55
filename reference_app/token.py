"""Bearer tokens of accounts: `python -m reference_app.token add --account NAME`, token on stdin."""

import argparse
import re
import sys

import psycopg

from reference_app.database import conninfo
from reference_app.http.auth import token_hash
from reference_app.settings import Settings, SettingsError, load_settings

MIN_TOKEN_CHARS = 16

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")
_ACCOUNT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class TokenRefusedError(Exception):
    """The token cannot be stored for the account; the message says why, without the token."""


def add_token(settings: Settings, account: str, token: str) -> None:
    """Store the token's hash for the account; storing it again changes nothing."""
    if not _ACCOUNT.fullmatch(account):
        raise TokenRefusedError("the account's name is malformed")
    if not _TOKEN.fullmatch(token) or len(token) < MIN_TOKEN_CHARS:
        raise TokenRefusedError(
            f"a token has {MIN_TOKEN_CHARS} to 512 characters of a bearer token"
        )
    with psycopg.connect(conninfo(settings), prepare_threshold=None) as connection:
        connection.execute(
            "INSERT INTO api_tokens (token_sha256, account) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (token_hash(token), account),
        )
        row = connection.execute(
            "SELECT account FROM api_tokens WHERE token_sha256 = %s", (token_hash(token),)
        ).fetchone()
    if row is None or row[0] != account:
        raise TokenRefusedError("the token belongs to another account")


def main() -> int:
    """Add a token."""
    parser = argparse.ArgumentParser(prog="reference_app.token", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="read a token from stdin and store its hash")
    adding.add_argument("--account", required=True)
    arguments = parser.parse_args()
    try:
        add_token(load_settings(), arguments.account, sys.stdin.readline().strip())
    except (SettingsError, TokenRefusedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
