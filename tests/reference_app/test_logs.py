"""What may and may not stand in the logs."""

import json
import subprocess
import sys
from pathlib import Path

from reference_app.logs import mask, mask_ibans


def test_ibans_are_masked_wherever_they_stand() -> None:
    """Country, check digits and the last four stay, to tell two accounts apart."""
    assert mask_ibans("row DE89370400440532013000, ok") == "row DE89****3000, ok"
    assert mask_ibans("FR1420041010050500013M02606") == "FR14****2606"


def test_ids_and_hashes_are_not_taken_for_ibans() -> None:
    """Lower-case hex ids must stay readable."""
    text = "emp-ab12cd34ef56ab12cd34ef56ab12cd34"
    assert mask_ibans(text) == text


def test_secrets_are_masked_by_key() -> None:
    """A value under a telling key is never written."""
    event = {"api_password": "x", "Authorization": "Bearer y", "token": "z", "path": "/health"}
    masked = mask(None, "info", dict(event))
    assert [key for key in event if masked[key] == "***"] == [
        "api_password",
        "Authorization",
        "token",
    ]


SCRIPT = """
import logging, structlog
from reference_app.logs import configure_logging
from reference_app.settings import load_settings
configure_logging(load_settings(), "test")
structlog.get_logger().info("ours", password="hunter2", text="DE89370400440532013000")
logging.getLogger("foreign").warning("theirs %s", "DE89370400440532013000")
try:
    raise ValueError("about DE89370400440532013000")
except ValueError:
    logging.getLogger("foreign").exception("broke")
"""


def test_every_line_is_json_with_the_same_shape(root: Path, production_env: dict[str, str]) -> None:
    """Ours and the libraries', tracebacks too, are JSON on stderr without secrets and IBANs."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        env=production_env,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["ours", "theirs DE89****3000", "broke"]
    assert all({"at", "level", "node", "component"} <= set(line) for line in lines)
    assert "hunter2" not in run.stderr
    assert "DE89370400440532013000" not in run.stderr
    assert not run.stdout
