"""The balancer's health check, with a real nginx and two real nodes."""

import socket
from typing import Any
from urllib.parse import urlsplit

import httpx

from infra.health.__main__ import FAILURES, decide
from tests.infra._helping import Balancer, end, until

TWO = "server 10.0.0.1:8000 max_fails=3;\nserver 10.0.0.2:8000 max_fails=3;\n"


def test_a_node_is_taken_out_after_three_failures_and_put_back(
    deployment: Any, balancer, start_node, port, tmp_path
) -> None:
    """Three rounds in a row, each a process of its own; out means that it is asked nothing."""
    other = port()
    first = urlsplit(deployment.nodes["api-1"]).netloc
    node = start_node(deployment.env, other, "second")
    until(lambda: _answers(other), "the second node answers")
    entrance = balancer([first, f"127.0.0.1:{other}"])
    assert entrance.check() == 0
    end(node)

    for number in range(1, FAILURES + 1):
        assert "down" not in entrance.nodes.read_text(), number
        assert entrance.check() == 0
    assert (
        f"server 127.0.0.1:{other} max_fails=3 fail_timeout=10s down;" in entrance.nodes.read_text()
    )
    with socket.create_server(("127.0.0.1", other)) as trap:
        trap.settimeout(0.2)
        # Workers of before the reload may still take the first few.
        until(lambda: _asks_nobody(entrance, trap), "nothing is sent to the node that is out")

    start_node(deployment.env, other, "again")
    until(lambda: _answers(other), "the second node answers again")
    assert entrance.check() == 0
    assert "down" not in entrance.nodes.read_text()
    log = tmp_path / "again.log"
    until(
        lambda: entrance.ask(4, "is-back") == {200} and "is-back" in log.read_text(),
        "the node that is back is asked again",
    )


def test_the_last_node_is_never_taken_out(deployment: Any, balancer) -> None:
    """Where all fail, what they stand on is broken: the way in stays open."""
    nodes = [urlsplit(url).netloc for url in deployment.nodes.values()]
    entrance = balancer(nodes)

    for _ in range(FAILURES + 1):
        assert entrance.check(path="/no-such-path") == 0

    assert "down" not in entrance.nodes.read_text()
    assert entrance.ask(10) == {200}


def test_a_reload_that_fails_is_tried_again(deployment: Any, balancer, port) -> None:
    """The file says what nginx knows, and the check fails until both agree."""
    gone = f"127.0.0.1:{port()}"
    entrance = balancer([urlsplit(deployment.nodes["api-1"]).netloc, gone])
    for _ in range(FAILURES - 1):
        entrance.check()

    assert entrance.check(reload="false") == 1
    assert "down" not in entrance.nodes.read_text()
    assert entrance.check() == 0
    assert "down" in entrance.nodes.read_text()


def test_one_answer_forgives_all_failures() -> None:
    """Only failures in a row count."""
    counted = decide(TWO, {"10.0.0.1:8000": FAILURES - 1}, {"10.0.0.1:8000", "10.0.0.2:8000"})

    assert counted.failures == {"10.0.0.1:8000": 0, "10.0.0.2:8000": 0}
    assert counted.text == TWO


def test_when_the_rest_fails_too_who_was_out_stays_out() -> None:
    """The last one that takes requests goes on taking them; who answers first is put back."""
    many = {"10.0.0.1:8000": FAILURES, "10.0.0.2:8000": FAILURES}
    out = decide(TWO, {"10.0.0.1:8000": FAILURES}, {"10.0.0.2:8000"})
    both = decide(out.text, many, set())
    back = decide(both.text, both.failures, {"10.0.0.1:8000"})

    assert out.down == both.down == {"10.0.0.1:8000"}
    assert back.down == {"10.0.0.2:8000"}


def _answers(port: int) -> bool:
    try:
        return (
            httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200
        )
    except httpx.TransportError:
        return False


def _asks_nobody(entrance: Balancer, trap: socket.socket) -> bool:
    try:
        assert entrance.ask(20) == {200}
    except httpx.ReadTimeout:
        # One of those workers has asked it, and nobody there answers.
        trap.accept()[0].close()
        return False
    try:
        trap.accept()[0].close()
    except TimeoutError:
        return True
    return False
