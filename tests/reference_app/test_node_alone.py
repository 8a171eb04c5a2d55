"""One API node whose Redis, Postgres and bucket are all away: what it refuses, and how fast."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

FORM = "application/x-www-form-urlencoded"
FormFactory = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def node(lonely_node: str) -> Iterator[httpx.Client]:
    """A client of the node, with one kept connection."""
    with httpx.Client(base_url=lonely_node, timeout=5) as client:
        yield client


def test_health_names_node_and_version(node: httpx.Client) -> None:
    """Liveness needs nobody else."""
    assert set(node.get("/health").json()) == {"status", "node", "version"}


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("PUT", "/health", "GET, HEAD"),
        ("DELETE", "/health/ready", "GET, HEAD"),
        ("GET", "/api/webhooks/emp", "POST"),
        ("HEAD", "/api/webhooks/emp", "POST"),
        ("OPTIONS", "/api/uploads", "GET, HEAD, POST"),
        ("POST", "/api/uploads/x/download", "GET, HEAD"),
        ("BREW", "/health", "GET, HEAD"),
    ],
)
def test_wrong_methods_are_told_the_right_ones(
    node: httpx.Client, method: str, path: str, allowed: str
) -> None:
    """A 405 carries Allow, whoever asks."""
    answer = node.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_errors_are_problem_documents(node: httpx.Client) -> None:
    """Also where there is no route, and with the request's id."""
    answer = node.post("/nope", content=b"x", headers={"X-Request-ID": "abc.1"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "abc.1"


@pytest.mark.parametrize("given", ["a b", "x" * 65, '"><script>'])
def test_insane_request_ids_are_replaced(node: httpx.Client, given: str) -> None:
    """Nobody writes what they like into our logs and headers."""
    assert node.get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


@pytest.mark.parametrize(
    "body, content_type, status",
    [
        (b"{}", "application/json", 400),
        (b"{}", "multipart/form-data; boundary=x", 415),
        (b"unique_id=a", "", 415),
        (b"unique_id=a", "text/plain", 415),
        (b"status=approved", FORM, 400),
        (b"unique_id=a", FORM, 400),
        (b"unique_id=a%00&status=approved", FORM, 400),
        (b"\xff\xfe", FORM, 400),
        (b"", FORM, 400),
        (b"unique_id=a&status=approved", FORM, 401),
        (b"unique_id=a&status=approved&signature=" + b"0" * 40, FORM, 401),
        (b"a=" + b"x" * 65_536, FORM, 413),
    ],
)
def test_bad_notifications_are_refused_before_anything_else(
    node: httpx.Client, body: bytes, content_type: str, status: int
) -> None:
    """Each with its own status and without the echo, although Redis is away."""
    answer = node.post("/api/webhooks/emp", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert b"notification_echo" not in answer.content


def test_too_large_a_body_of_unknown_length_is_refused(node: httpx.Client) -> None:
    """Chunked bodies are counted as they come, and the refusal is heard."""
    chunks = (b"x" * 8192 for _ in range(40))
    answer = node.post("/api/webhooks/emp", content=chunks, headers={"Content-Type": FORM})
    assert answer.status_code == 413


def test_refusals_keep_the_connection_usable(lonely_node: str) -> None:
    """A refusal before the body was read does not reset the connection under the next request."""
    with httpx.Client(base_url=lonely_node) as client:
        for _ in range(5):
            assert client.post("/api/uploads", content=b"x" * 300_000).status_code == 415
            assert client.get("/api/uploads").status_code == 401
            assert client.post("/health", content=b"x" * 100).status_code == 405
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as raw:
            raw.sendall(
                b"GET /nope HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            raw.settimeout(2)
            received = b""
            while b'"version"' not in received:
                chunk = raw.recv(4096)
                assert chunk, f"closed after {received!r}"
                received += chunk


def test_dead_redis_is_a_quick_503_without_echo(node: httpx.Client, make_form: FormFactory) -> None:
    """The gateway must send again, and soon knows that it must."""
    started = time.perf_counter()
    answer = node.post("/api/webhooks/emp", data=make_form())
    assert time.perf_counter() - started < 1
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert b"notification_echo" not in answer.content


def test_dead_postgres_is_a_503(node: httpx.Client) -> None:
    """No token can be checked, so nobody is let in and nobody is told to go away for good."""
    answer = node.get("/api/uploads", headers={"Authorization": "Bearer " + "x" * 20})
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer a b", "Bearer é"])
def test_missing_or_malformed_tokens_are_challenged(node: httpx.Client, header: str) -> None:
    """Without asking the database."""
    headers = [(b"Authorization", header.encode())] if header else []
    answer = node.get("/api/uploads", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_readiness_tells_all_within_a_second(node: httpx.Client) -> None:
    """Every dependency is named with its state and latency."""
    started = time.perf_counter()
    answer = node.get("/health/ready")
    assert time.perf_counter() - started < 1
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert set(checks) == {"redis", "postgres", "minio", "workers", "queues"}
    assert not any(check["ok"] for check in checks.values())
    assert all(check["latency_ms"] >= 0 for check in checks.values())


@pytest.mark.alone
def test_frozen_redis_costs_a_second_and_nobody_else(
    production_env: dict[str, str],
    start_node: Callable[[dict[str, str]], tuple[str, subprocess.Popen[bytes]]],
    make_form: FormFactory,
) -> None:
    """A Redis that accepts and never answers: 503 within a second each, other routes stay fast."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        env = {**production_env, "REDIS_PORT": str(silent.getsockname()[1])}
        url, _process = start_node(env)

        def send(_number: int) -> tuple[int, float]:
            started = time.perf_counter()
            status = httpx.post(f"{url}/api/webhooks/emp", data=make_form(), timeout=5).status_code
            return status, time.perf_counter() - started

        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(send, number) for number in range(8)]
            time.sleep(0.1)
            started = time.perf_counter()
            httpx.get(f"{url}/health")
            assert time.perf_counter() - started < 0.3
            assert {future.result()[0] for future in sent} == {503}
            assert max(future.result()[1] for future in sent) < 1.2


def test_sigterm_turns_unready_finishes_and_exits_cleanly(
    production_env: dict[str, str],
    start_node: Callable[[dict[str, str]], tuple[str, subprocess.Popen[bytes]]],
) -> None:
    """A request in flight is answered although the node is leaving, and the exit code is 0."""
    url, process = start_node(production_env)
    address = (httpx.URL(url).host, httpx.URL(url).port or 0)
    with socket.create_connection(address) as slow:
        body = b"unique_id=a&status=approved"
        slow.sendall(
            b"POST /api/webhooks/emp HTTP/1.1\r\nHost: x\r\nContent-Type: "
            + FORM.encode()
            + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        ready = httpx.get(f"{url}/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        assert ready.headers["Connection"] == "close"
        time.sleep(1.2)
        assert process.poll() is None
        slow.sendall(body)
        slow.settimeout(3)
        assert slow.recv(4096).startswith(b"HTTP/1.1 401")
    assert process.wait(5) == 0


def test_a_body_that_trickles_is_given_up_on(
    production_env: dict[str, str],
    start_node: Callable[[dict[str, str]], tuple[str, subprocess.Popen[bytes]]],
) -> None:
    """A small body has a deadline as a whole, so that a byte now and then does not extend it."""
    url, _process = start_node({**production_env, "UPLOAD_IDLE_TIMEOUT_S": "1"})
    host, port = url.removeprefix("http://").split(":")
    head = f"POST /api/webhooks/emp HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    with socket.create_connection((host, int(port)), timeout=0.1) as sender:
        sender.sendall(f"{head}Content-Length: 500\r\n\r\n".encode())
        answer, started = b"", time.perf_counter()
        while not answer and time.perf_counter() - started < 5:
            sender.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                answer = sender.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"Connection: close" in answer
    assert b"application/problem+json" in answer
