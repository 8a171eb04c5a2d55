"""MinIO, the bucket, and two keys: the service may do what it needs, the observer may read."""

from collections.abc import Iterator, Mapping
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.preparing import prepared
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Server, Unit

BUCKET = "tether-uploads"
REGION = "us-east-1"


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
    yield prepared(site, "minio-bucket", "bucket", administration(site), needs=("minio",))


def administration(site: Site) -> Mapping[str, str]:
    """What `reference_app.prepare bucket` is told."""
    keys = site.credentials
    return {
        "AWS_ENDPOINT": f"http://{site.address('minio')}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_BUCKET": BUCKET,
        "MINIO_ROOT_USER": keys.minio_root_key,
        "MINIO_ROOT_PASSWORD": keys.minio_root_secret,
        "AWS_ACCESS_KEY_ID": keys.minio_app_key,
        "AWS_SECRET_ACCESS_KEY": keys.minio_app_secret,
        "OBSERVER_ACCESS_KEY_ID": keys.minio_observer_key,
        "OBSERVER_SECRET_ACCESS_KEY": keys.minio_observer_secret,
    }
