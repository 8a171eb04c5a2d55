"""MinIO, the bucket, and two keys: the service may do what it needs, the observer may read."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import tenacity
import urllib3
from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, Filter
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException, MinioException
from minio.lifecycleconfig import LifecycleConfig, NoncurrentVersionExpiration, Rule
from minio.versioningconfig import VersioningConfig

from golive.adapters.native import health
from golive.adapters.native.credentials import write_private
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Server, Task, Unit

BUCKET = "tether-uploads"
REGION = "us-east-1"
TIMEOUT_SECONDS = 10.0
SETTLING_SECONDS = 15.0

KEPT_DAYS = 30
"""For so long an object that was deleted or replaced can be had back."""

APP_BUCKET_ACTIONS = ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads")
APP_OBJECT_ACTIONS = (
    "GetObject",
    "PutObject",
    "DeleteObject",
    "AbortMultipartUpload",
    "ListMultipartUploadParts",
)
OBSERVER_BUCKET_ACTIONS = (
    "GetBucketLocation",
    "GetBucketVersioning",
    "GetLifecycleConfiguration",
    "ListBucket",
    "ListBucketVersions",
)
OBSERVER_OBJECT_ACTIONS = ("GetObject", "GetObjectVersion")

LIFECYCLE = LifecycleConfig(
    [
        Rule(
            ENABLED,
            rule_id="old-versions",
            rule_filter=Filter(prefix=""),
            noncurrent_version_expiration=NoncurrentVersionExpiration(noncurrent_days=KEPT_DAYS),
        )
    ]
)


def units(site: Site) -> Iterator[Unit]:
    """Start it, then make the bucket and the keys."""
    home = site.data("minio")
    arguments = (
        *(str(site.program("minio")), "server", "--quiet"),
        *("--address", site.address("minio"), "--certs-dir", str(home / "certs")),
        str(home / "objects"),
    )
    environment = {
        "MINIO_ROOT_USER": site.credentials.minio_root_key,
        "MINIO_ROOT_PASSWORD": site.credentials.minio_root_secret,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "HOME": str(home),
    }
    yield Server(
        role="minio",
        command=Command(arguments, folder=home, environment=environment),
        healthy=partial(health.answers_http, f"http://{site.address('minio')}/minio/health/ready"),
        port=site.port("minio"),
    )
    yield Task("minio-bucket", partial(_prepare, site), needs=("minio",))


async def _prepare(site: Site, _run: Run) -> None:
    # The client is synchronous. It starts no process, so a thread does no harm.
    await asyncio.to_thread(make_bucket_and_keys, site)


@tenacity.retry(
    # Ready is what it says as soon as the disk is; users and policies load after that, and until
    # then it answers 503.
    retry=tenacity.retry_if_exception_type((MinioException, MinioAdminException)),
    stop=tenacity.stop_after_delay(SETTLING_SECONDS),
    wait=tenacity.wait_fixed(0.1),
    reraise=True,
)
def make_bucket_and_keys(site: Site) -> None:
    """Make what is not there yet."""
    root = StaticProvider(site.credentials.minio_root_key, site.credentials.minio_root_secret)
    pool = urllib3.PoolManager(
        timeout=TIMEOUT_SECONDS, retries=urllib3.Retry(5, backoff_factor=0.1)
    )
    endpoint = site.address("minio")
    client = Minio(
        endpoint=endpoint, credentials=root, region=REGION, secure=False, http_client=pool
    )
    if not client.bucket_exists(bucket_name=BUCKET):
        client.make_bucket(bucket_name=BUCKET, location=REGION)
    client.set_bucket_versioning(bucket_name=BUCKET, config=VersioningConfig(ENABLED))
    client.set_bucket_lifecycle(bucket_name=BUCKET, config=LIFECYCLE)
    admin = MinioAdmin(
        endpoint=endpoint, credentials=root, region=REGION, secure=False, http_client=pool
    )
    keys = site.credentials
    _add_user(site, admin, "tether", keys.minio_app_key, keys.minio_app_secret, APP_POLICY)
    _add_user(
        site,
        admin,
        "golive-observer",
        keys.minio_observer_key,
        keys.minio_observer_secret,
        OBSERVER_POLICY,
    )


def _policy(name: str, bucket: Sequence[str], objects: Sequence[str]) -> Mapping[str, object]:
    def allow(actions: Sequence[str], resource: str) -> Mapping[str, object]:
        names = [f"s3:{action}" for action in actions]
        return {"Effect": "Allow", "Action": names, "Resource": [f"arn:aws:s3:::{resource}"]}

    return {
        "Version": "2012-10-17",
        "Statement": [allow(bucket, name), allow(objects, f"{name}/*")],
    }


APP_POLICY = _policy(BUCKET, APP_BUCKET_ACTIONS, APP_OBJECT_ACTIONS)
# Of every bucket: to be told that one does not exist, instead of that one may not look.
OBSERVER_POLICY = _policy("*", OBSERVER_BUCKET_ACTIONS, OBSERVER_OBJECT_ACTIONS)


def _add_user(
    site: Site,
    admin: MinioAdmin,
    policy_name: str,
    key: str,
    secret: str,
    policy: Mapping[str, object],
) -> None:
    file = site.data("minio") / f"{policy_name}.policy.json"
    write_private(file, json.dumps(policy))
    admin.user_add(access_key=key, secret_key=secret)
    admin.policy_add(policy_name, policy_file=file)
    admin.policy_set(policy_name, user=key)
