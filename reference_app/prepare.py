"""Make what the service finds ready: `python -m reference_app.prepare database|bucket`.

For administrators, once for an installation; a second time makes what is missing and gives
passwords anew. `database` makes the database and the role of the service, `bucket` a private,
versioned bucket and a key that can do what the service does and nothing else. Where an observer is
named, one is made that can only read: what audits look through.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any
from urllib.parse import urlsplit

import psycopg
import stamina
import urllib3
from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, Filter
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, MinioException
from minio.lifecycleconfig import LifecycleConfig, NoncurrentVersionExpiration, Rule
from minio.versioningconfig import VersioningConfig
from psycopg import sql
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from urllib3.exceptions import HTTPError

from reference_app.commands import refusals
from reference_app.settings import HttpBase, Port, checked

TIMEOUT_S = 10.0
SETTLING_S = 15.0
CONNECT_TIMEOUT_S = 5
KEPT_DAYS = 30
"""For so long an object that was deleted or replaced can be had back."""

STATEMENT_LIMIT = "60s"
"""Nothing that the service does takes so long; what does, holds locks and a connection."""

Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
Secret = Annotated[SecretStr, Field(min_length=1)]

APP_ACTIONS = (
    ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads"),
    ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"),
)
OBSERVER_ACTIONS = (
    (
        *("GetBucketLocation", "GetBucketVersioning", "GetLifecycleConfiguration"),
        *("ListBucket", "ListBucketVersions"),
    ),
    ("GetObject", "GetObjectVersion"),
)


class _Administration(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


class DatabaseAdministration(_Administration):
    """What `database` is told. The administrator connects directly, past pgBouncer."""

    db_admin_host: str
    db_admin_port: Port = 5432
    db_admin_username: str
    db_admin_password: Secret
    db_database: Name
    db_username: Name
    db_password: Secret
    db_observer_username: Name | None = None
    db_observer_password: SecretStr = SecretStr("")


class BucketAdministration(_Administration):
    """What `bucket` is told."""

    aws_endpoint: HttpBase
    aws_default_region: str = "us-east-1"
    aws_bucket: Annotated[str, Field(min_length=3)]
    minio_root_user: str
    minio_root_password: Secret
    aws_access_key_id: Secret
    aws_secret_access_key: Secret
    observer_access_key_id: SecretStr = SecretStr("")
    observer_secret_access_key: SecretStr = SecretStr("")


def prepare_database(told: DatabaseAdministration) -> None:
    """Make the database and the roles, or give the roles their passwords anew."""
    with psycopg.connect(
        host=told.db_admin_host,
        port=told.db_admin_port,
        user=told.db_admin_username,
        password=told.db_admin_password.get_secret_value(),
        dbname="postgres",
        connect_timeout=CONNECT_TIMEOUT_S,
        autocommit=True,
    ) as connection:
        _role(connection, told.db_username, told.db_password)
        _database(connection, told.db_database, told.db_username)
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            _set(connection, told.db_username, setting, STATEMENT_LIMIT)
        if observer := told.db_observer_username:
            _role(connection, observer, told.db_observer_password)
            for statement in ("GRANT CONNECT ON DATABASE {0} TO {1}", "GRANT {2} TO {1}"):
                names = (told.db_database, observer, "pg_read_all_data")
                connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
            _set(connection, observer, "default_transaction_read_only", "on")


def _role(connection: psycopg.Connection, name: str, password: SecretStr) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
        sql.SQL("ALTER" if found else "CREATE"),
        sql.Identifier(name),
        sql.Literal(password.get_secret_value()),
    )
    connection.execute(statement)


def _database(connection: psycopg.Connection, name: str, owner: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    statements = ["REVOKE ALL ON DATABASE {0} FROM PUBLIC"]
    if not known:
        statements.insert(0, "CREATE DATABASE {0} OWNER {1}")
    for statement in statements:
        names = (sql.Identifier(name), sql.Identifier(owner))
        connection.execute(sql.SQL(statement).format(*names))


def _set(connection: psycopg.Connection, role: str, setting: str, value: str) -> None:
    statement = sql.SQL("ALTER ROLE {} SET {} = {}")
    names = (sql.Identifier(role), sql.Identifier(setting), sql.Literal(value))
    connection.execute(statement.format(*names))


# Ready is what MinIO says as soon as its disk is; users and policies load after that, and until
# then it answers 503.
@stamina.retry(
    on=(MinioException, MinioAdminException, HTTPError), attempts=None, timeout=SETTLING_S
)
def prepare_bucket(told: BucketAdministration) -> None:
    """Make the bucket and the keys that are not there yet."""
    address = urlsplit(told.aws_endpoint)
    pool = urllib3.PoolManager(timeout=TIMEOUT_S, retries=False)
    access: dict[str, Any] = {
        "endpoint": address.netloc,
        "credentials": StaticProvider(
            told.minio_root_user, told.minio_root_password.get_secret_value()
        ),
        "region": told.aws_default_region,
        "secure": address.scheme == "https",
        "http_client": pool,
    }
    _bucket(Minio(**access), told)
    admin = MinioAdmin(**access)
    bucket, objects = APP_ACTIONS
    _key(
        admin,
        "tether",
        (told.aws_access_key_id, told.aws_secret_access_key),
        _policy(told.aws_bucket, bucket, objects),
    )
    if told.observer_access_key_id.get_secret_value():
        _key(
            admin,
            "tether-observer",
            (told.observer_access_key_id, told.observer_secret_access_key),
            # Of every bucket: to be told that one does not exist, not that one may not look.
            _policy("*", *OBSERVER_ACTIONS),
        )


def _bucket(client: Minio, told: BucketAdministration) -> None:
    name = told.aws_bucket
    if not client.bucket_exists(bucket_name=name):
        client.make_bucket(bucket_name=name, location=told.aws_default_region)
    client.set_bucket_versioning(bucket_name=name, config=VersioningConfig(ENABLED))
    expiration = NoncurrentVersionExpiration(noncurrent_days=KEPT_DAYS)
    rule = Rule(
        ENABLED,
        rule_id="old-versions",
        rule_filter=Filter(prefix=""),
        noncurrent_version_expiration=expiration,
    )
    client.set_bucket_lifecycle(bucket_name=name, config=LifecycleConfig([rule]))


def _policy(
    bucket: str, bucket_actions: Sequence[str], object_actions: Sequence[str]
) -> Mapping[str, object]:
    def allow(actions: Sequence[str], resource: str) -> Mapping[str, object]:
        names = [f"s3:{action}" for action in actions]
        return {"Effect": "Allow", "Action": names, "Resource": [f"arn:aws:s3:::{resource}"]}

    statements = [allow(bucket_actions, bucket), allow(object_actions, f"{bucket}/*")]
    return {"Version": "2012-10-17", "Statement": statements}


def _key(
    admin: MinioAdmin,
    policy_name: str,
    pair: tuple[SecretStr, SecretStr],
    policy: Mapping[str, object],
) -> None:
    key, secret = (one.get_secret_value() for one in pair)
    admin.user_add(access_key=key, secret_key=secret)
    with _as_file(policy) as file:
        admin.policy_add(policy_name, policy_file=file)
    admin.policy_set(policy_name, user=key)


@contextmanager
def _as_file(policy: Mapping[str, object]) -> Iterator[Path]:
    # The client takes a policy from a file only.
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(policy, file)
        file.flush()
        yield Path(file.name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare one of them."""
    parser = argparse.ArgumentParser(prog="reference_app.prepare", description=__doc__)
    parser.add_argument("what", choices=["database", "bucket"])
    chosen = parser.parse_args(arguments)
    try:
        with refusals():
            if chosen.what == "database":
                prepare_database(checked(DatabaseAdministration))
            else:
                prepare_bucket(checked(BucketAdministration))
    except psycopg.OperationalError:
        # Its text may spell out the connection.
        sys.stderr.write("the database is not available\n")
        return 1
    except (MinioException, MinioAdminException, HTTPError) as problem:
        sys.stderr.write(f"the bucket could not be prepared: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
