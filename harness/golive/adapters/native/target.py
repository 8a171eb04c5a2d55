"""Writes the target file of a deployment, and its secrets beside it."""

from pathlib import Path

from golive.adapters.native.credentials import write_private
from golive.adapters.native.site import Site
from golive.adapters.native.units import nginx, postgres, redis, toxiproxy

TEMPLATE = "targets/reference.toml.j2"
LOGS_OBSERVED = ("worker", "nginx")


def write(site: Site, folder: Path, name: str) -> Path:
    """Write `<name>.toml` and `<name>.env` and return the former."""
    folder.mkdir(exist_ok=True)
    target_file = folder / f"{name}.toml"
    env_file = target_file.with_suffix(".env")
    text = site.render(
        TEMPLATE,
        name=name,
        env_file=env_file.name,
        base_url=nginx.base_url(site),
        left_out=site.left_out,
        logs=[site.log(role) for role in (*site.api_roles(), *LOGS_OBSERVED)],
        proxies=toxiproxy.PROXIES,
    )
    # The secrets first: a target file without them would be of no use.
    write_private(env_file, _environment(site))
    write_private(target_file, text)
    return target_file


def remove(target_file: Path) -> None:
    """Remove both; what is gone is gone."""
    target_file.unlink(missing_ok=True)
    target_file.with_suffix(".env").unlink(missing_ok=True)


def _environment(site: Site) -> str:
    credentials = site.credentials
    queue = f"{redis.OBSERVER}:{credentials.redis_queue_observer}@{site.address('redis-queue')}"
    # Generated of letters, digits, - and _ alone: neither a shell nor a URL needs them quoted.
    values = {
        "REFERENCE_API_TOKEN": credentials.api_token,
        "REFERENCE_WEBHOOK_PASSWORD": credentials.webhook_password,
        "REFERENCE_SQL_DSN": postgres.observer_dsn(site),
        "REFERENCE_QUEUE_URL": f"redis://{queue}/0",
        "REFERENCE_S3_KEY": credentials.minio_observer_key,
        "REFERENCE_S3_SECRET": credentials.minio_observer_secret,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())
