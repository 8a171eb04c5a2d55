"""What the balancer answers by itself is what the contract says, too."""

from typing import Any

import httpx


def test_trace_is_told_what_is_allowed(deployment: Any) -> None:
    """Nginx refuses it by itself; the refusal is the API's."""
    answer = httpx.request("TRACE", f"{deployment.base_url}/api/uploads")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_far_too_large_a_notification_does_not_reach_a_node(deployment: Any) -> None:
    """It is refused by its declared length, with a problem document, and kept on no disk."""
    url = f"{deployment.base_url}/api/webhooks/emp"
    answer = httpx.post(url, content=b"a" * 2_000_000)

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
