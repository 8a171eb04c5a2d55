"""Secrets: from the environment only, and in no output."""

import base64
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.config.secrets import read_secrets, redact, register
from golive.errors import ConfigurationError


@pytest.fixture
def target_file(tmp_path: Path) -> Path:
    """A target file's path; secrets lie beside it."""
    return tmp_path / "staging.toml"


def beside(target_file: Path, text: str, mode: int = 0o600) -> None:
    """Write the `.env` file of a target."""
    path = target_file.with_suffix(".env")
    path.write_text(text)
    path.chmod(mode)


def test_the_environment_wins_over_the_file(
    target_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exporting a variable overrides what lies beside the target file."""
    beside(target_file, "GOLIVE_TEST_A=from-file\nGOLIVE_TEST_B='quoted value'\n")
    monkeypatch.setenv("GOLIVE_TEST_A", "from-environment")

    secrets = read_secrets({"GOLIVE_TEST_A": "a", "GOLIVE_TEST_B": "b"}, target_file)

    assert secrets == {"GOLIVE_TEST_A": "from-environment", "GOLIVE_TEST_B": "quoted value"}


def test_all_missing_variables_are_named(target_file: Path) -> None:
    """One error names every variable and the key that asks for it."""
    with pytest.raises(ConfigurationError) as caught:
        read_secrets({"GOLIVE_TEST_X": "webhook.password_env", "GOLIVE_TEST_Y": "b"}, target_file)

    assert "GOLIVE_TEST_X (webhook.password_env)" in str(caught.value)
    assert "GOLIVE_TEST_Y" in str(caught.value)


def test_a_file_that_others_can_read_is_refused(target_file: Path) -> None:
    """Secrets that the whole machine may read are no secrets."""
    beside(target_file, "GOLIVE_TEST_A=x\n", mode=0o644)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_secrets({"GOLIVE_TEST_A": "a"}, target_file)


def test_a_file_of_another_encoding_is_a_sentence(target_file: Path) -> None:
    """Bytes that are no UTF-8 are named with the file, not shown as a traceback."""
    path = target_file.with_suffix(".env")
    path.write_bytes(b"GOLIVE_TEST_A=caf\xe9\n")
    path.chmod(0o600)

    with pytest.raises(ConfigurationError, match="is not UTF-8 text"):
        read_secrets({"GOLIVE_TEST_A": "a"}, target_file)


def test_a_password_inside_a_dsn_is_redacted_too(target_file: Path) -> None:
    """Drivers print the password apart from the rest of the DSN."""
    beside(target_file, "GOLIVE_TEST_DSN=postgresql://u:s3cret%2Fpass@h/db\n")
    read_secrets({"GOLIVE_TEST_DSN": "a"}, target_file)

    assert "s3cret/pass" not in redact("password authentication failed for s3cret/pass")


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8), st.text(), st.text())
def test_no_spelling_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    """Plain, base64 and URL-encoded, wherever it stands in a text."""
    register(secret)
    spellings = (
        secret,
        base64.b64encode(secret.encode()).decode(),
        urllib.parse.quote(secret, safe=""),
    )

    for spelling in spellings:
        assert spelling not in redact(f"{before}{spelling}{after}")
