"""Generated passwords of one deployment: kept in its folder, so that they fit its data."""

import dataclasses
import json
import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path

FILE = "credentials.json"
PASSWORD_BYTES = 24


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _access_key() -> str:
    return secrets.token_hex(10)


@dataclass(frozen=True)
class Credentials:
    """Every secret that a deployment has."""

    postgres_admin: str = field(default_factory=_password, repr=False)
    postgres_app: str = field(default_factory=_password, repr=False)
    postgres_observer: str = field(default_factory=_password, repr=False)
    redis_queue: str = field(default_factory=_password, repr=False)
    redis_queue_observer: str = field(default_factory=_password, repr=False)
    redis_cache: str = field(default_factory=_password, repr=False)
    redis_cache_observer: str = field(default_factory=_password, repr=False)
    minio_root_key: str = field(default_factory=_access_key, repr=False)
    minio_root_secret: str = field(default_factory=_password, repr=False)
    minio_app_key: str = field(default_factory=_access_key, repr=False)
    minio_app_secret: str = field(default_factory=_password, repr=False)
    minio_observer_key: str = field(default_factory=_access_key, repr=False)
    minio_observer_secret: str = field(default_factory=_password, repr=False)
    api_token: str = field(default_factory=_password, repr=False)
    other_token: str = field(default_factory=_password, repr=False)
    webhook_password: str = field(default_factory=_password, repr=False)
    gateway_terminal: str = field(default_factory=_access_key, repr=False)
    payee_check_key: str = field(default_factory=_password, repr=False)
    dashboard: str = field(default_factory=_password, repr=False)

    def all(self) -> tuple[str, ...]:
        """Every value, for redaction."""
        return tuple(getattr(self, one.name) for one in fields(self))


def load(folder: Path) -> Credentials:
    """The credentials of a deployment's folder; what the file lacks is new."""
    try:
        known = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return Credentials()
    names = {one.name for one in fields(Credentials)}
    return Credentials(**{name: value for name, value in known.items() if name in names})


def load_or_make(folder: Path) -> Credentials:
    """The same, kept for the next start."""
    credentials = load(folder)
    write_private(folder / FILE, json.dumps(dataclasses.asdict(credentials), indent=2))
    return credentials


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at no moment anything else."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    scratch.replace(path)
