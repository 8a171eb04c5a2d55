"""Every environment variable of the service, in one typed class that reports all errors at once."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MIN_SECRET_CHARS = 12

Told = TypeVar("Told", bound=BaseSettings)

_PLACEHOLDER = re.compile(
    r"^(your[_-]|change.?me|<|x{3,})"
    r"|placeholder|example"
    r"|^(secret|password|passwd|minioadmin|minio|admin|root|test|default|postgres|redis|guest)\d*$",
    re.IGNORECASE,
)
_LOOPBACK = frozenset({"localhost", "::1", "127.0.0.1"})

HttpBase = Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")]
Port = Annotated[int, Field(ge=1, le=65535)]
RedisDb = Annotated[int, Field(ge=0, le=15)]
Codes = Annotated[frozenset[Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$")]], NoDecode]
GatewayCodes = Annotated[frozenset[Annotated[str, Field(pattern=r"^[0-9]{3}$")]], NoDecode]
Groups = Annotated[
    frozenset[Literal["webhooks", "billing", "default"]], Field(min_length=1), NoDecode
]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]
WorkerCount = Annotated[int, Field(ge=1, le=64)]
WorkersOfTwo = Annotated[int, Field(ge=0, le=64)]
"""Workers of a group with two queues: none at all, or at least one for each queue."""
Seconds = Annotated[int, Field(ge=1, le=24 * 3600)]


class SettingsError(Exception):
    """The environment is not fit to start with; the message names each variable, never a value."""


class Settings(BaseSettings):
    """The environment, checked. `app_env` stays first: later checks depend on it."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", validate_default=True, hide_input_in_errors=True
    )

    app_env: Literal["local", "staging", "production"]
    app_debug: bool = False
    node_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "tether"
    log_channel: Literal["stderr"] = "stderr"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    filesystem_disk: Literal["s3"] = "s3"
    aws_access_key_id: SecretStr
    aws_secret_access_key: SecretStr
    aws_default_region: str = "us-east-1"
    aws_bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    aws_endpoint: HttpBase
    aws_url: str = ""
    aws_use_path_style_endpoint: bool = True
    upload_max_bytes: Annotated[int, Field(ge=1, le=1024**3)] = 256 * 1024**2
    upload_idle_timeout_s: Annotated[int, Field(ge=1, le=300)] = 30
    upload_duplicate_days: Annotated[int, Field(ge=0, le=3650)] = 30

    queue_connection: Literal["redis"] = "redis"
    cache_driver: Literal["redis"] = "redis"
    session_driver: Literal["redis"] = "redis"
    worker_groups: Groups = frozenset({"webhooks", "billing", "default"})
    workers_webhooks_min: WorkerCount = 2
    workers_webhooks_start: WorkerCount = 3
    workers_webhooks_max: WorkerCount = 5
    workers_billing_max: WorkersOfTwo = 5
    workers_default_max: WorkersOfTwo = 3
    long_wait_webhooks_s: Seconds = 60
    long_wait_other_s: Seconds = 300

    redis_host: str = "127.0.0.1"
    redis_port: Port = 6379
    redis_password: SecretStr = SecretStr("")
    redis_db: RedisDb = 0
    redis_cache_host: str = "127.0.0.1"
    redis_cache_port: Port = 6380
    redis_cache_password: SecretStr = SecretStr("")
    redis_cache_db: RedisDb = 1

    db_connection: Literal["pgsql"] = "pgsql"
    db_host: str = "127.0.0.1"
    db_port: Port = 5432
    db_database: str
    db_username: str
    db_password: SecretStr

    emp_api_password: SecretStr
    emp_source_networks: Networks = ()
    trusted_proxies: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    blacklist_codes: Codes = frozenset({"AC01", "AC04", "AC06", "AG01", "MD01", "MD07", "SL01"})
    review_codes: Codes = frozenset({"MD06", "MS02"})
    own_fault_codes: Codes = frozenset(
        {"AM05", "DUPL", "RC01", "DNOR", "AG02", "FF01", "FF05", "XT33", "XT73", "MD02", "DT01"}
    )

    @field_validator(
        "worker_groups",
        "emp_source_networks",
        "trusted_proxies",
        "blacklist_codes",
        "review_codes",
        "own_fault_codes",
        "billing_rejection_codes",
        mode="before",
    )
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part for part in re.split(r"[\s,]+", value) if part)

    emp_gateway_url: HttpBase = "http://127.0.0.1:8090"
    emp_username: Annotated[str, Field(min_length=1)] = "tether"
    emp_terminal_token: SecretStr = SecretStr("")

    billing_rate_per_s: Annotated[int, Field(ge=1, le=1000)] = 50
    billing_breaker_failures: Annotated[int, Field(ge=1, le=1000)] = 10
    billing_breaker_reset_s: Annotated[int, Field(ge=1, le=3600)] = 300
    billing_rejection_codes: GatewayCodes = frozenset({"330", "340"})
    billing_same_rejections: Annotated[int, Field(ge=1, le=1000)] = 10
    billing_min_cents: Annotated[int, Field(ge=1)] = 10
    billing_max_cents: Annotated[int, Field(ge=1)] = 5_000_000

    reconcile_after_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 120
    reconcile_every_s: Seconds = 300
    reconcile_batch: Annotated[int, Field(ge=1, le=10_000)] = 1000
    reconcile_rate_per_s: Annotated[int, Field(ge=1, le=1000)] = 20
    reconcile_max_tries: Annotated[int, Field(ge=1, le=100)] = 10
    chargebacks_every_s: Seconds = 3600
    chargeback_overlap_days: Annotated[int, Field(ge=0, le=90)] = 7

    vop_url: HttpBase = "http://127.0.0.1:8090"
    vop_api_key: SecretStr = SecretStr("")
    vop_sample_percent: Annotated[float, Field(ge=0, le=100)] = 10
    vop_daily_cap: Annotated[int, Field(ge=0)] = 1000

    dashboard_password: SecretStr = SecretStr("")

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("app_debug")
    @classmethod
    def _no_debug_in_production(cls, value: bool, info: ValidationInfo) -> bool:
        if value and _in_production(info):
            raise ValueError("must be off in production")
        return value

    @field_validator(
        "aws_access_key_id",
        "aws_secret_access_key",
        "redis_password",
        "redis_cache_password",
        "db_password",
        "emp_api_password",
        "emp_terminal_token",
        "vop_api_key",
    )
    @classmethod
    def _real_secret_in_production(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        weak = weakness(value.get_secret_value())
        if weak and _in_production(info):
            raise ValueError(weak)
        return value

    @field_validator("emp_api_password")
    @classmethod
    def _never_empty(cls, value: SecretStr) -> SecretStr:
        # With an empty password anybody can compute a valid signature, in any environment.
        if not value.get_secret_value():
            raise ValueError("is empty")
        return value

    @field_validator("emp_gateway_url", "vop_url")
    @classmethod
    def _real_provider_in_production(cls, value: str, info: ValidationInfo) -> str:
        # A simulator says yes to everything: with one in production nothing is ever collected.
        address = urlsplit(value)
        if _in_production(info) and (address.scheme != "https" or _is_here(address.hostname)):
            raise ValueError("must be another machine's https:// address in production")
        return value

    @field_validator("workers_billing_max", "workers_default_max")
    @classmethod
    def _one_for_each_queue(cls, value: int) -> int:
        if value == 1:
            raise ValueError("must be 0 or at least 2: the group has two queues")
        return value

    @field_validator("workers_webhooks_max")
    @classmethod
    def _min_start_max(cls, value: int, info: ValidationInfo) -> int:
        least, start = (info.data.get(f"workers_webhooks_{name}") for name in ("min", "start"))
        if least and start and not least <= start <= value:
            raise ValueError("must not be below WORKERS_WEBHOOKS_START, nor that below _MIN")
        return value

    @field_validator("redis_cache_port")
    @classmethod
    def _two_redis_servers_in_production(cls, value: int, info: ValidationInfo) -> int:
        queue = (_host(info.data.get("redis_host")), info.data.get("redis_port"))
        if _in_production(info) and queue == (_host(info.data.get("redis_cache_host")), value):
            raise ValueError("queue and cache must not share one Redis: a cache evicts jobs")
        return value


def load_settings() -> Settings:
    """The environment of the service, checked."""
    return checked(Settings)


def checked(kind: type[Told]) -> Told:
    """Read the environment; on errors raise one SettingsError that lists them all."""
    try:
        return kind.model_validate({})
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(
                include_input=False, include_context=False, include_url=False
            )
        ]
        raise SettingsError("\n".join(["refusing to start:", *lines])) from None


def _in_production(info: ValidationInfo) -> bool:
    return info.data.get("app_env") == "production"


def weakness(secret: str) -> str | None:
    """What is wrong with a secret, None for a good one."""
    if not secret:
        return "is empty"
    if _PLACEHOLDER.search(secret):
        return "is a default or a placeholder"
    if len(secret) < MIN_SECRET_CHARS:
        return f"is shorter than {MIN_SECRET_CHARS} characters"
    return None


def _is_here(hostname: str | None) -> bool:
    try:
        address = ip_address(hostname or "")
    except ValueError:
        return hostname is None or hostname == "localhost" or hostname.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _host(name: object) -> object:
    return "loopback" if name in _LOOPBACK else name
