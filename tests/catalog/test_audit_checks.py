"""The audit's checks on hand-written evidence: each passes what is right, and no other."""

from typing import Any

import pytest

from golive.api import Setting
from golive.catalog.catalog import Catalog
from golive.model.outcome import Outcome
from golive.model.slo import Slo

PASS, FAIL, INCONCLUSIVE = Outcome

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what must not be

AUDITS = {
    name.removeprefix("audit."): scenario
    for name, scenario in Catalog.of().scenarios.items()
    if scenario.suite == "audit"
}

# What stands there, right and wrong: a value, a setting, or a list where several are judged.
CASES: dict[str, tuple[Any, Any]] = {
    "advisories": ("", "GHSA-1 GHSA-2"),
    "cache_bind": ("127.0.0.1 -::1", "* -::*"),
    "cache_limit": (
        [Setting("c", "maxmemory", "100"), Setting("c", "maxmemory-policy", "allkeys-lru")],
        [Setting("c", "maxmemory", "100"), Setting("c", "maxmemory-policy", "noeviction")],
    ),
    "cache_password": ("NOAUTH", "PONG"),
    "cache_service_rights": ("NOPERM", "ERR"),
    "cors": (None, "*"),
    "door_nodes": ("10.0.0.11", EVERYWHERE),
    "door_pgbouncer": (Setting("p", "listen_port", left_out="none here"), "::"),
    "door_postgres": ("127.0.0.1", "8.8.8.8"),
    "door_redis_cache": (False, True),
    "door_redis_queue": ("192.168.1.4", EVERYWHERE),
    "door_s3": ("::1", True),
    "env_complete": ("set", None),
    "env_debug": ("false", "true"),
    "env_empty_secrets": ("filled in", ""),
    "env_files": ("s3", "local"),
    "env_log_channel": ("stderr", "single"),
    "env_log_level": ("info", "debug"),
    "env_mocks": ("none", "true"),
    "env_mode": ("600", "644"),
    "env_placeholders": ("of its own", "a placeholder"),
    "env_shared_secrets": ("of its own", "as DB_PASSWORD"),
    "env_stateless": ("redis", "file"),
    "env_two_redis": (["a:1", "a:2"], ["a:1", "a:1"]),
    "env_weak_secrets": (4, 1),
    "errors_are_plain": ("nothing", "Traceback"),
    "git_environment": ("none", ".env"),
    "git_secrets": (0, 2),
    "git_tokens": (0, 1),
    "header_caching": ("no-store", "public, max-age=60"),
    "header_content_policy": ("default-src 'none'", None),
    "header_cookies": (None, "laravel_session=1"),
    "header_framing": ("DENY", None),
    "header_powered_by": (None, "PHP/8.2"),
    "header_referrer": ("no-referrer", "unsafe-url"),
    "header_request_id": ("abc", None),
    "header_request_id_kept": (True, False),
    "header_server": ("nginx", "nginx/1.22.1"),
    "header_sniffing": ("nosniff", None),
    "host_header": (False, True),
    "logs_iban": ([1, 0], [1, 1]),
    "logs_password": ([2, 0], [0, 1]),
    "logs_readers": (False, True),
    "logs_secrets": (0, 1),
    "logs_token": ([1, 0], [1, 3]),
    "method_trace": (405, 200),
    "metrics_canary": (0, 1),
    "nginx_body_limit": ("1040m", "0"),
    "nginx_caller_address": (
        ["X-Real-IP $remote_addr", "X-Forwarded-For $proxy_add_x_forwarded_for"],
        ["X-Real-IP $http_x_real_ip", "X-Forwarded-For $proxy_add_x_forwarded_for"],
    ),
    "nginx_client_timeouts": ("60s", "5s"),
    "nginx_connections": ("1024", "64"),
    "nginx_cors": ("X-Frame-Options DENY", "Access-Control-Allow-Origin * always"),
    "nginx_least_conn": ("there", None),
    "nginx_listing": (None, "on"),
    "nginx_log_arguments": (
        [Setting("n", "access_log", "a.log plain"), Setting("n", "log_format", "plain $uri")],
        [Setting("n", "access_log", "a.log")],
    ),
    "nginx_max_fails": ("10.0.0.1:80 max_fails=3", "10.0.0.1:80"),
    "nginx_nodes": (
        [Setting("n", "server", "10.0.0.1:80 max_fails=3"), Setting("t", "node a", "10.0.0.1:80")],
        [Setting("n", "server", "10.0.0.1:80"), Setting("t", "node b", "10.0.0.2:80")],
    ),
    "nginx_proxy_timeouts": ("60s", None),
    "nginx_request_id": ("X-Request-ID $id", None),
    "nginx_retry": ("error timeout", "error timeout non_idempotent"),
    "nginx_server_tokens": ("off", None),
    "nginx_streaming": ("off", None),
    "nodes_write_nothing": ("none", "/tmp/upload-1"),
    "nodes_alike": (
        [Setting("a", "GET /", "200 date"), Setting("b", "GET /", "200 date")],
        [Setting("a", "GET /", "200 date"), Setting("b", "GET /", "200 date server")],
    ),
    "nodes_clock": (-0.4, 7.0),
    "nodes_enough": (2, 1),
    "nodes_version": (
        [Setting("api-1", "version", "1.0"), Setting("worker", "release", "a1")],
        [Setting("api-1", "release", "b2"), Setting("worker", "release", "a1")],
    ),
    "path_backups": (404, 200),
    "path_consoles": (404, 401),
    "path_environment": (404, 403),
    "path_metrics": (404, 200),
    "path_repository": (404, 200),
    "path_traversal": (400, 200),
    "path_unlisted": (
        [Setting("/x", "status", 404), Setting("/x", "bytes", 90)],
        [Setting("/x", "status", 404), Setting("/x", "bytes", 90_000)],
    ),
    "pgbouncer_administrators": (["", "tether"], ["root, tether", "tether"]),
    "pgbouncer_bind": ("127.0.0.1", "*"),
    "pgbouncer_clients": ("200", "1000"),
    "pgbouncer_mode": ("transaction", "session"),
    "pgbouncer_passwords": ("scram-sha-256", "trust"),
    "pgbouncer_pool": ("25", "20"),
    "pgbouncer_prepared": ([None, False], ["0", True]),
    "postgres_autovacuum": ("on", "off"),
    "postgres_bind": ("127.0.0.1", "*"),
    "postgres_checksums": ("on", "off"),
    "postgres_clock": ([0.01, 0.02], [3.0, 0.02]),
    "postgres_commit": ("on", "off"),
    "postgres_connections": (["100", "3", "25", "5"], ["30", "3", "25", "5"]),
    "postgres_encoding": ("UTF8", "SQL_ASCII"),
    "postgres_fsync": ("on", "off"),
    "postgres_full_pages": ("on", "off"),
    "postgres_idle_limit": ("60s", "0"),
    "postgres_indexes": (0, 1),
    "postgres_isolation": ("read committed", "serializable"),
    "postgres_log_locks": ("on", "off"),
    "postgres_log_prefix": ("%m [%p] %u@%d ", "%m "),
    "postgres_log_slow": ("1s", "-1"),
    "postgres_log_statements": ("none", "all"),
    "postgres_log_values": ("0", "-1"),
    "postgres_observer": (0, 4),
    "postgres_passwords": ("scram-sha-256", "md5"),
    "postgres_public_connect": (False, True),
    "postgres_public_schema": (False, True),
    "postgres_service_groups": ("none", "pg_read_server_files"),
    "postgres_service_role": ("none", "superuser"),
    "postgres_statement_limit": ("60s", "0"),
    "postgres_time_zone": ("UTC", "Europe/Berlin"),
    "postgres_transport": (True, False),
    "postgres_version": ("150004", "130012"),
    "redis_apart": (["one", "two"], ["one", "one"]),
    "redis_append_healthy": ("ok", "err"),
    "redis_append_log": ("yes", "no"),
    "redis_append_rewrite": ("no", "yes"),
    "redis_append_sync": ("everysec", "no"),
    "redis_bind": ("10.0.0.5", EVERYWHERE),
    "redis_clients": ([20, 10000, 0], [9000, 10000, 0]),
    "redis_evicted": (0, 12),
    "redis_eviction": ("noeviction", "allkeys-lru"),
    "redis_idempotency_keys": ([40, 0, 86_000, 24.0], [40, 3, 86_000, 24.0]),
    "redis_memory_headroom": (12.5, 90.0),
    "redis_memory_limit": ("1073741824", "0"),
    "redis_observer": ("NOPERM", "0"),
    "redis_password": ("NOAUTH", "PONG"),
    "redis_protected_mode": ("yes", "no"),
    "redis_service_rights": ("NOPERM", "ERR"),
    "redis_version": ("7.0.15", "6.2.7"),
    "s3_lifecycle": (
        "<Status>Enabled</Status><NoncurrentVersionExpiration>",
        "NoSuchLifecycleConfiguration",
    ),
    "s3_listing": ("AccessDenied", "OK"),
    "s3_observer": ("AccessDenied", "BadDigest"),
    "s3_reading": ("AccessDenied", "NoSuchKey"),
    "s3_service_buckets": (["uploads", "uploads"], ["other uploads", "uploads"]),
    "s3_service_rights": ("AccessDenied", "NoSuchBucketPolicy"),
    "s3_transport": ("http://10.0.0.20:9000", "http://8.8.8.8:9000"),
    "s3_versioning": ("<Status>Enabled</Status>", "<VersioningConfiguration/>"),
    "s3_writing": ("AccessDenied", "BadDigest"),
    "tls_entrance": ("http://127.0.0.1:8080", "http://api.example"),
    "tls_strict": ("max-age=31536000", None),
    "tls_version": ("TLSv1.2 TLSv1.3", "TLSv1 TLSv1.2"),
}


def settings(said: Any) -> list[Setting]:
    """Evidence of a value, of a setting, or of a list of either."""
    several = said if isinstance(said, list) else [said]
    return [one if isinstance(one, Setting) else Setting("place", "name", one) for one in several]


def test_every_audit_has_a_case() -> None:
    """A check without evidence of both kinds in this table is not tested."""
    assert set(CASES) == set(AUDITS)


@pytest.mark.parametrize("name", CASES)
def test_what_is_right_passes_and_what_is_wrong_is_red(name: str) -> None:
    """Each check tells the two apart; what is red has a remediation."""
    right, wrong = CASES[name]
    scenario = AUDITS[name]

    assert scenario.check(settings(right), Slo()).outcome is PASS
    assert scenario.check(settings(wrong), Slo()).outcome is FAIL
    assert scenario.remediation.endswith(".")
    assert scenario.statement.endswith(".")


@pytest.mark.parametrize(
    "name, evidence",
    [
        ("advisories", [Setting("alembic", "known holes", "", "not found")]),
        ("logs_token", settings([0, 0])),
        ("nodes_version", [Setting("a", "version", None, "not told"), *settings(["1.0"])]),
        ("postgres_clock", settings([0.9, 0.5])),
        ("metrics_canary", [Setting("api-1", "canary", None, "/metrics answered 404")]),
    ],
)
def test_what_decides_nothing_is_inconclusive(name: str, evidence: list[Setting]) -> None:
    """Evidence that a broken deployment would give as well is never PASS."""
    assert AUDITS[name].check(evidence, Slo()).outcome is INCONCLUSIVE


def test_a_wrong_setting_decides_before_an_unknown_one() -> None:
    """What could not be read hides nothing that was."""
    evidence = [Setting("a", "mode", None, "no such file"), Setting("b", "mode", "644")]

    ruling = AUDITS["env_mode"].check(evidence, Slo())

    assert ruling.outcome is FAIL
    assert "b: mode = 644: must be 600 or 400" in ruling.summary


def test_what_is_left_out_is_told() -> None:
    """A deployment without a pooler is not said to have one in transaction mode."""
    evidence = [Setting("pgbouncer", "pool_mode", left_out="not to be had here")]

    ruling = AUDITS["pgbouncer_mode"].check(evidence, Slo())

    assert ruling.outcome is PASS
    assert ruling.summary == "pgbouncer is left out: not to be had here"
