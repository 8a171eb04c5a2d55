"""Backs the data of a deployment up and restores them, with the service's own commands."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dotenv import dotenv_values

from golive.adapters.native.control import postgres
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.roles import ServerRole
from golive.adapters.native.ports import LOOPBACK
from golive.adapters.native.units.minio import BUCKET, REGION
from golive.adapters.native.units.postgres import ADMIN, DATABASE
from golive.adapters.native.units.reference_service import ACCOUNT, OTHER_ACCOUNT
from golive.errors import DeploymentError

MODULE = "infra.backup"


def create(deployed: Deployed, checkout: Path, to: Path, *words: str) -> str:
    """Make a backup in a folder; what was said."""
    return _run(deployed, checkout, "create", "--to", str(to), *words)


def restore(deployed: Deployed, checkout: Path, backup: Path, roles: Sequence[str]) -> str:
    """Restore one while the service is away; its own tokens are added to those of the backup."""
    _run(deployed, checkout, "restore", str(backup), "--dry-run")
    servers = [ServerRole(deployed, role) for role in roles]
    for server in servers:
        deployed.restraints.hold(server.role)
        server.terminate()
    try:
        said = _run(deployed, checkout, "restore", str(backup))
        _add_tokens(deployed, checkout)
    finally:
        for server in servers:
            server.start()
    return said


def _run(deployed: Deployed, checkout: Path, *words: str) -> str:
    return _python(checkout, {**os.environ, **_environment(deployed)}, MODULE, *words)


def _environment(deployed: Deployed) -> dict[str, str]:
    living = deployed.living(postgres.ROLE)
    process = living.process() if living else None
    if process is None:
        raise DeploymentError("PostgreSQL does not run")
    keys = deployed.credentials
    server = f"{LOOPBACK}:{deployed.server(postgres.ROLE).port}"
    return {
        # Of the version that runs.
        "BACKUP_POSTGRES_PROGRAMS": str(Path(process.exe()).parent),
        "BACKUP_DATABASE_URL": f"postgresql://{ADMIN}:{keys.postgres_admin}@{server}/{DATABASE}",
        "BACKUP_S3_ENDPOINT": deployed.snapshot().deployment.urls["minio"],
        "BACKUP_S3_BUCKET": BUCKET,
        "BACKUP_S3_REGION": REGION,
        "BACKUP_S3_KEY": keys.minio_root_key,
        "BACKUP_S3_SECRET": keys.minio_root_secret,
    }


def _add_tokens(deployed: Deployed, checkout: Path) -> None:
    values = dotenv_values(deployed.folder / "app.env", interpolate=False)
    environment = {name: value or "" for name, value in values.items()}
    keys = deployed.credentials
    for account, token in ((ACCOUNT, keys.api_token), (OTHER_ACCOUNT, keys.other_token)):
        words = ("add", "--account", account)
        _python(checkout, environment, "reference_app.token", *words, stdin=token)


def _python(
    checkout: Path, environment: Mapping[str, str], module: str, *words: str, stdin: str = ""
) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=checkout,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise DeploymentError(ran.stderr.strip() or f"{module} ended with {ran.returncode}")
    return ran.stdout.strip()
