"""What of a document is redacted."""

import pytest

from golive.model.redaction import redacted

DOCUMENT = {
    "scenario": "smoke.health",
    "phase": "ok",
    "name": "GET /smoke",
    "detail": "smoke is the password",
    "facts": {"id": "smoke", "rows": [["smoke", 1], [None, 2.5]]},
    "steps": [{"id": "smoke.health", "remediation": "smoke"}],
}


@pytest.fixture
def clean() -> object:
    """The document with the password `smoke` redacted."""
    return redacted(DOCUMENT, lambda text: text.replace("smoke", "***"))


def test_what_golive_named_survives_a_password_that_is_a_plain_word(clean) -> None:
    """Ids and outcomes stay, else a clean run could not be judged."""
    assert clean["scenario"] == "smoke.health"
    assert clean["phase"] == "ok"
    assert clean["steps"][0]["id"] == "smoke.health"


def test_everything_else_is_redacted(clean) -> None:
    """Every text from outside is without the secret, in tables and below ordinary names too."""
    assert clean["name"] == "GET /***"
    assert clean["detail"] == "*** is the password"
    assert clean["facts"] == {"id": "***", "rows": [["***", 1], [None, 2.5]]}
