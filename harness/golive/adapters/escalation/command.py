"""A command of your own: the message as JSON on its stdin."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import asdict

from golive.errors import EscalationError
from golive.model.monitoring.escalation import Channel, Page
from golive.model.monitoring.sections import Escalate

TIMEOUT_SECONDS = 30.0


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Run the command; it has taken the message when it ends with 0."""
    del secrets
    facts = {"GOLIVE_EVENT": page.event, "GOLIVE_SEVERITY": page.severity}
    document = json.dumps({**asdict(page), "subject": page.subject, "text": page.text})
    try:
        ran = subprocess.run(
            shlex.split(section.command),
            input=document,
            env={**os.environ, **facts},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EscalationError(f"{type(error).__name__}: {error}") from error
    if ran.returncode:
        raise EscalationError(f"ended with {ran.returncode}: {ran.stderr.strip()[-120:]}")


CHANNEL = Channel(needs=("command",), send=send)
