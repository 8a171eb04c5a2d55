"""Secrets come from the environment only, are registered when read, and appear in no output."""

import base64
import os
import re
import stat
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from golive.errors import ConfigurationError
from golive.model.audit import LEAST_CHARACTERS, SECRET
from golive.model.wording import visible

# Shorter strings occur in ordinary text by chance, and replacing them would destroy the report.
SHORTEST_REDACTABLE = 4
MASK = "[redacted]"

# In a DSN of the form `host=… password=…`.
_PASSWORD = re.compile(r"\bpassword\s*=\s*('[^']*'|\S+)")

_registered: dict[str, str] = {}


def register(value: str) -> str:
    """Remember a secret, in every spelling in which it could leak, and return it."""
    if len(value) >= SHORTEST_REDACTABLE:
        for spelling in _spellings(value):
            _registered[spelling] = MASK
    return value


def redact(text: str) -> str:
    """The text with every registered secret replaced."""
    for spelling in sorted(_registered, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    return text


def printable(text: str) -> str:
    """The text without secrets, its control characters made visible (ANSI sequences cannot act)."""
    return visible(redact(text))


def _spellings(value: str) -> set[str]:
    raw = value.encode()
    encoded = base64.b64encode(raw).decode()
    return {
        value,
        encoded,
        encoded.rstrip("="),
        base64.urlsafe_b64encode(raw).decode(),
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
    }


def read_secrets(names: Mapping[str, str], target_file: Path) -> dict[str, str]:
    """Environment variable -> value, from the environment or the `.env` file beside the target.

    `names` maps each variable to the key of the target file that names it. The environment wins.
    Raises ConfigurationError naming all that are missing.
    """
    beside = _read_env_file(target_file.with_suffix(".env"))
    found = {name: os.environ.get(name) or beside.get(name) or "" for name in names}
    missing = [f"{name} ({names[name]})" for name, value in found.items() if not value]
    if missing:
        raise ConfigurationError(
            f"{target_file}: not set in the environment: {', '.join(sorted(missing))}",
            remedy=f"Export them, or put them into {target_file.with_suffix('.env')} (mode 600).",
        )
    for value in found.values():
        register(value)
        register(_password_of(value))
    return found


def register_service(env_file: str | None) -> None:
    """Remember the secrets of the service's own environment, if it can be read."""
    path = Path(env_file).expanduser() if env_file else None
    if path is None or not path.is_file() or not os.access(path, os.R_OK):
        return
    values = dotenv_values(path, interpolate=False, encoding="utf-8")
    for name, value in values.items():
        if SECRET.search(name) and value and len(value) >= LEAST_CHARACTERS:
            register(value)


def _password_of(value: str) -> str:
    """The password inside a DSN or URL; drivers print it apart from the rest."""
    if stated := _PASSWORD.search(value):
        return stated[1].strip("'")
    try:
        return urllib.parse.unquote(urllib.parse.urlsplit(value).password or "")
    except ValueError:
        return ""


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"{path} holds secrets and other users of this machine may read it",
            remedy=f"chmod 600 {path}",
        )
    try:
        values = dotenv_values(path, interpolate=False)
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{path} is not UTF-8 text", remedy="Write NAME=value lines in UTF-8."
        ) from None
    return {name: value or "" for name, value in values.items()}
