"""Tokens: what they are good for, until when, and the commands around them."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from reference_app.scopes import BILLING, READ_UPLOADS, WRITE_UPLOADS
from reference_app.settings import Settings
from reference_app.token import TokenRefusedError, add_token, revoke_token

Command = Callable[..., subprocess.CompletedProcess[str]]
FORM = {"file": ("a.csv", b"IBAN,Name,Amount\n")}


@pytest.fixture
def command(deployment: Any, root: Path) -> Command:
    """Runs the token command against the deployment."""

    def run(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reference_app.token", *words],
            cwd=root,
            env={**os.environ, **deployment.env},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def token() -> str:
    """A token that nobody has seen."""
    return f"token-{uuid4().hex}"


def prefix_of(token: str) -> str:
    """What names a token without giving it away."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def status(client: httpx.Client, token: str, method: str = "GET", **request: Any) -> int:
    """How a request with that token is answered."""
    client.headers["Authorization"] = f"Bearer {token}"
    return client.request(method, "/api/uploads", **request).status_code


@pytest.mark.parametrize(
    "scope, reading, writing",
    [(READ_UPLOADS, 200, 403), (WRITE_UPLOADS, 403, 202), (BILLING, 403, 403)],
)
def test_scopes_are_held_per_method(
    client: httpx.Client,
    live_settings: Settings,
    token: str,
    scope: str,
    reading: int,
    writing: int,
) -> None:
    """A token does what it is for and nothing else; HEAD needs what GET needs."""
    add_token(live_settings, "scoped", token, scopes=(scope,))
    assert status(client, token) == reading
    assert status(client, token, "HEAD") == reading
    assert status(client, token, "POST", files=FORM) == writing


def test_lacking_scope_is_named(client: httpx.Client, live_settings: Settings, token: str) -> None:
    """As RFC 6750 says, in a problem document."""
    add_token(live_settings, "scoped", token, scopes=(READ_UPLOADS,))
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/uploads/{uuid4()}/mapping"
    answer = client.put(path, json={}, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="uploads:write"' in challenge


def test_expired_and_revoked_tokens_are_worthless(
    client: httpx.Client, live_settings: Settings, token: str
) -> None:
    """From the very next request on."""
    now = datetime.now(UTC)
    add_token(live_settings, "dated", f"{token}-old", expires_at=now - timedelta(seconds=1))
    add_token(live_settings, "dated", token, expires_at=now + timedelta(days=1))
    assert status(client, f"{token}-old") == 401
    assert status(client, token) == 200
    revoke_token(live_settings, prefix_of(token))
    assert status(client, token) == 401
    with pytest.raises(TokenRefusedError, match="revoked"):
        add_token(live_settings, "dated", token)


def test_token_in_the_address_is_not_taken(client: httpx.Client, deployment: Any) -> None:
    """Addresses are logged."""
    del client.headers["Authorization"]
    for name in ("token", "access_token", "Authorization"):
        answer = client.get("/api/uploads", params={name: deployment.token})
        assert answer.status_code == 401


def test_generated_token_is_printed_once_and_works(client: httpx.Client, command: Command) -> None:
    """Nothing but the token is on stdout; the list knows it by its hash only."""
    words = ("--scope", READ_UPLOADS, "--scope", BILLING, "--expires-in-days", "30", "--generate")
    made = command("add", "--account", "made", *words)
    token = made.stdout.strip()
    assert (made.returncode, len(token) >= 43) == (0, True)
    assert status(client, token) == 200
    listed = command("list")
    [line] = [one for one in listed.stdout.splitlines() if one.startswith(prefix_of(token))]
    assert f"made  {BILLING},{READ_UPLOADS}" in line
    assert "expires " in line
    assert token not in listed.stdout
    assert command("revoke", prefix_of(token)).returncode == 0
    assert status(client, token) == 401
    assert "revoked " in command("list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("revoke", "abc"),
        ("revoke", "x" * 12),
        ("revoke", "0" * 64),
        ("add", "--account", "a", "--expires-in-days", "0", "--generate"),
        ("add", "--account", "a b", "--generate"),
    ],
)
def test_commands_that_make_no_sense_are_refused(command: Command, words: tuple[str, ...]) -> None:
    """With exit code 1, one line on stderr and nothing on stdout."""
    run = command(*words)
    assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (1, "", 1)


def test_token_keeps_its_scopes(command: Command, token: str) -> None:
    """Adding it again with others does not widen it behind anybody's back."""
    words = ("add", "--account", "kept", "--scope", READ_UPLOADS)
    assert [command(*words, typed=f"{token}\n").returncode for _ in range(2)] == [0, 0]
    again = command("add", "--account", "kept", typed=f"{token}\n")
    assert (again.returncode, token in again.stderr) == (1, False)
