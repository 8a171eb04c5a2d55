"""What channels share that are reached by HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx

from golive.errors import EscalationError
from golive.model.monitoring.sections import Escalate

TIMEOUT_SECONDS = 10.0
REFUSED_FROM = 300


def post(section: Escalate, secrets: Mapping[str, str], document: Any, path: str = "") -> None:
    """Post JSON to the section's address. Raises EscalationError where it is not accepted."""
    url = (secrets[section.url_env] if section.url_env else section.url) + path
    try:
        reply = httpx.post(url, json=document, timeout=TIMEOUT_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EscalationError(f"{type(error).__name__}: {error}") from error
    if reply.status_code >= REFUSED_FROM:
        raise EscalationError(f"answered {reply.status_code}: {reply.text[:120]}")
