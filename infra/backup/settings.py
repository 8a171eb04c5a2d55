"""Where from, where to, and with which keys; from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path


class BackupError(Exception):
    """It cannot be done, in a sentence without secrets."""


@dataclass(frozen=True)
class Settings:
    """What the environment says; `.env.example` of this folder explains each variable."""

    database_url: str
    s3_endpoint: str
    s3_bucket: str
    s3_key: str
    s3_secret: str
    s3_region: str
    programs: Path | None
    recipient: str
    identity_file: Path | None


def load() -> Settings:
    """Read it. Raises BackupError with all that is missing."""
    wanted = ("DATABASE_URL", "S3_ENDPOINT", "S3_BUCKET", "S3_KEY", "S3_SECRET")
    values = {name: os.environ.get(f"BACKUP_{name}", "") for name in wanted}
    missing = [f"BACKUP_{name}" for name, value in values.items() if not value]
    if missing:
        raise BackupError(f"not set in the environment: {', '.join(missing)}")
    return Settings(
        database_url=values["DATABASE_URL"],
        s3_endpoint=values["S3_ENDPOINT"],
        s3_bucket=values["S3_BUCKET"],
        s3_key=values["S3_KEY"],
        s3_secret=values["S3_SECRET"],
        s3_region=os.environ.get("BACKUP_S3_REGION", "us-east-1"),
        programs=_path("BACKUP_POSTGRES_PROGRAMS"),
        recipient=os.environ.get("BACKUP_RECIPIENT", ""),
        identity_file=_path("BACKUP_IDENTITY_FILE"),
    )


def _path(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value) if value else None
