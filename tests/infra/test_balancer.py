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


def test_a_node_is_out_while_a_file_has_its_name(deployment, balancer) -> None:
    """From the next request on nothing is sent to it, and callers keep the connection they have."""
    nodes = [urlsplit(url).netloc for url in deployment.nodes.values()]
    entrance = balancer(nodes)
    with httpx.Client(base_url=entrance.url, trust_env=False) as client:
        both = [_asked(client) for _ in range(20)]
        (entrance.home / "out" / nodes[0]).touch()
        without = [_asked(client) for _ in range(20)]
        (entrance.home / "out" / nodes[0]).unlink()
        again = [_asked(client) for _ in range(20)]

    assert {node for node, _ in both} == {node for node, _ in again} == {"api-1", "api-2"}
    assert {node for node, _ in without} == {"api-2"}
    assert len({caller for _, caller in (*both, *without, *again)}) == 1


def _asked(client: httpx.Client) -> tuple[str, int]:
    """The node that has answered, and the caller's own port."""
    answer = client.get("/health/ready")
    stream = answer.extensions["network_stream"]
    return answer.json()["node"], stream.get_extra_info("client_addr")[1]


def test_with_every_node_out_by_name_nothing_is_served_by_chance(deployment, balancer) -> None:
    """There is no such group of nodes, and the answer says that it is the balancer's."""
    nodes = [urlsplit(url).netloc for url in deployment.nodes.values()]
    entrance = balancer(nodes)
    for node in nodes:
        (entrance.home / "out" / node).touch()

    assert entrance.ask(3) == {502}
