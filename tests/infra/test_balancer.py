"""What the balancer of infra/nginx does by itself."""

from urllib.parse import urlsplit

import httpx


def test_what_the_gateway_sends_is_not_limited(deployment, balancer) -> None:
    """Five seconds of the promised hundred a second, all at once, are let through."""
    entrance = balancer([urlsplit(url).netloc for url in deployment.nodes.values()])

    assert entrance.ask(500) == {200}


def test_a_flood_is_refused_with_a_reason(deployment, balancer) -> None:
    """With a limit that a test can reach: the refusal is a problem document with one request id."""
    nodes = [urlsplit(url).netloc for url in deployment.nodes.values()]
    entrance = balancer(nodes, rate="1r/s", burst="3")
    with httpx.Client(base_url=entrance.url, trust_env=False) as client:
        answers = [client.get("/health") for _ in range(8)]

    assert answers[0].status_code == 200
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers.get_list("X-Request-ID") == [refused.json()["request_id"]]


def test_no_reload_can_meet_a_connection_that_waits(deployment, balancer) -> None:
    """What may not be sent twice never goes out on a kept connection, which a reload of nginx might
    close in that moment; what may keeps its connection.
    """
    entrance = balancer([urlsplit(url).netloc for url in deployment.nodes.values()])
    with httpx.Client(base_url=entrance.url, trust_env=False) as client:
        notified = client.post("/api/webhooks/emp", data={"unique_id": "none"})
        uploaded = client.post("/api/uploads")
        billed = client.post("/api/uploads/none/bill")
        asked = client.get("/health")

    assert [one.headers["Connection"] for one in (notified, uploaded, billed)] == ["close"] * 3
    assert asked.headers["Connection"] == "keep-alive"
