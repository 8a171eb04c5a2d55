"""The environment of the service."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_app.settings import Settings, SettingsError, load_settings

SECRETS = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "REDIS_PASSWORD",
    "REDIS_CACHE_PASSWORD",
    "DB_PASSWORD",
    "EMP_API_PASSWORD",
    "EMP_TERMINAL_TOKEN",
    "VOP_API_KEY",
]
ReadSettings = Callable[[dict[str, str]], Settings]


@pytest.fixture
def refusal(
    settings_of: ReadSettings, production_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str]], str]:
    """Start with a changed production environment, which must be refused; give the message."""
    settings_of(production_env)

    def refuse(changes: dict[str, str]) -> str:
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as error:
            load_settings()
        return str(error.value)

    return refuse


def test_a_good_production_environment_is_accepted(
    settings_of: ReadSettings, production_env: dict[str, str]
) -> None:
    """Nothing is refused that is right."""
    assert settings_of(production_env).app_env == "production"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "value", ["", "your_secret_key", "minioadmin", "changeme", "password1", "<secret>", "Short-1"]
)
def test_production_refuses_weak_secrets(
    refusal: Callable[[dict[str, str]], str], name: str, value: str
) -> None:
    """Empty, default, placeholder and short secrets stop the start, by name."""
    assert name in refusal({name: value})


@pytest.mark.parametrize(
    "changes, name",
    [
        ({"APP_DEBUG": "true"}, "APP_DEBUG"),
        ({"FILESYSTEM_DISK": "local"}, "FILESYSTEM_DISK"),
        ({"REDIS_CACHE_PORT": "1"}, "REDIS_CACHE_PORT"),
        ({"REDIS_CACHE_PORT": "1", "REDIS_CACHE_HOST": "localhost"}, "REDIS_CACHE_PORT"),
        ({"LOG_CHANNEL": "single"}, "LOG_CHANNEL"),
        ({"QUEUE_CONNECTION": "sync"}, "QUEUE_CONNECTION"),
        ({"DB_CONNECTION": "sqlite"}, "DB_CONNECTION"),
        ({"AWS_ENDPOINT": "minio:9000"}, "AWS_ENDPOINT"),
        ({"REDIS_PORT": "70000"}, "REDIS_PORT"),
        ({"NODE_NAME": "a b"}, "NODE_NAME"),
        ({"WORKER_GROUPS": "webhooks,mail"}, "WORKER_GROUPS"),
        ({"WORKER_GROUPS": ""}, "WORKER_GROUPS"),
        ({"BILLING_REJECTION_CODES": "340,invalid"}, "BILLING_REJECTION_CODES"),
        ({"EMP_GATEWAY_URL": "http://gate.invalid"}, "EMP_GATEWAY_URL"),
        ({"EMP_GATEWAY_URL": "https://127.0.0.2:8090"}, "EMP_GATEWAY_URL"),
        ({"EMP_GATEWAY_URL": "https://[::1]:8090"}, "EMP_GATEWAY_URL"),
        ({"VOP_URL": "https://localhost:8090"}, "VOP_URL"),
        ({"VOP_URL": "https://0.0.0.0:8090"}, "VOP_URL"),
        ({"VOP_SAMPLE_PERCENT": "101"}, "VOP_SAMPLE_PERCENT"),
    ],
)
def test_production_refuses_what_is_unsafe(
    refusal: Callable[[dict[str, str]], str], changes: dict[str, str], name: str
) -> None:
    """Debug, local files, one Redis for queue and cache, and malformed values stop the start."""
    assert name in refusal(changes)


def test_all_errors_come_at_once_without_values(refusal: Callable[[dict[str, str]], str]) -> None:
    """One start shows all that is wrong, and no secret with it."""
    message = refusal(
        {
            "APP_DEBUG": "true",
            "DB_PASSWORD": "hunter2",
            "REDIS_PORT": "abc",
            "AWS_BUCKET": "Bad_Name",
        }
    )
    for name in ("APP_DEBUG", "DB_PASSWORD", "REDIS_PORT", "AWS_BUCKET"):
        assert name in message
    for value in ("hunter2", "abc", "Bad_Name"):
        assert value not in message


def test_signature_password_is_never_empty(
    settings_of: ReadSettings, production_env: dict[str, str]
) -> None:
    """Not even locally: everybody could sign with an empty password."""
    with pytest.raises(ValueError, match="emp_api_password"):
        settings_of({**production_env, "APP_ENV": "local", "EMP_API_PASSWORD": ""})


def test_secrets_are_not_shown(settings_of: ReadSettings, production_env: dict[str, str]) -> None:
    """Printing the settings prints no secret."""
    shown = repr(settings_of(production_env))
    assert not any(production_env[name] in shown for name in SECRETS)


def read_example(root: Path) -> dict[str, str]:
    """The variables of .env.example, each checked to stand below a comment."""
    variables: dict[str, str] = {}
    commented = False
    for line in (root / ".env.example").read_text().splitlines():
        if match := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            assert commented, f"{match[1]} is not commented"
            variables[match[1]] = match[2]
        else:
            assert not line or line.startswith("#"), line
            commented = line.startswith("#")
    return variables


def test_example_lists_exactly_the_variables_there_are(root: Path) -> None:
    """No variable is missing from .env.example, and none is there that nobody reads."""
    assert set(read_example(root)) == {name.upper() for name in Settings.model_fields}


def test_example_is_valid_but_refused_in_production(
    root: Path, settings_of: ReadSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copied unchanged it works locally; in production each placeholder is named."""
    example = read_example(root)
    settings_of({**example, "APP_ENV": "local"})
    monkeypatch.setenv("APP_ENV", "production")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert all(name in str(error.value) for name in SECRETS)
