"""Metrics of a node, its readiness by queue, and the dashboard."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from reference_app import dashboard
from reference_app.http.metrics import is_private
from reference_app.queueing import names
from reference_app.queueing.figures import QUEUE_NAMES
from reference_app.queueing.policies import VOP, JobRequest
from reference_app.settings import Settings, SettingsError

Wait = Callable[..., None]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

PASSWORD = "Dashboard-pass-0123"


def samples(text: str) -> Samples:
    """Every figure by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def by_queue(found: Samples, name: str) -> dict[str, float]:
    """One figure of all queues."""
    return {dict(labels)["queue"]: value for (one, labels), value in found.items() if one == name}


def test_every_node_has_its_metrics(deployment: Any) -> None:
    """Latency by route, queues, workers, pool and memory, in Prometheus' format."""
    for url in deployment.nodes.values():
        httpx.get(f"{url}/health")
        httpx.get(f"{url}/api/uploads/{'0' * 32}")
        httpx.get(f"{url}/nothing/{os.getpid()}")
        answer = httpx.get(f"{url}/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        found = samples(answer.text)
        routes = {
            dict(labels)["route"]
            for name, labels in found
            if name == "tether_request_duration_seconds_count"
        }
        assert {"/health", "/api/uploads/{id}", "unmatched"} <= routes
        assert not any("nothing" in route for route in routes)
        buckets = {
            float(dict(labels)["le"])
            for name, labels in found
            if name == "tether_request_duration_seconds_bucket"
        }
        assert {0.005, 0.1, 0.2, 10.0} <= buckets
        assert found["tether_requests_in_flight", frozenset()] == 1
        assert found["process_resident_memory_bytes", frozenset()] > 1e6
        assert ("tether_unknown_statuses", frozenset()) in found
        for figure in ("waiting_jobs", "oldest_seconds", "running_jobs", "scheduled_jobs"):
            assert set(by_queue(found, f"tether_queue_{figure}")) == set(QUEUE_NAMES)
        assert all(by_queue(found, "tether_workers_alive").values())
        assert not any(by_queue(found, "tether_queue_long_wait").values())
        for service in ("redis", "postgres"):
            assert found["tether_scrape_errors", frozenset({("service", service)})] == 0
        assert found["tether_database_pool", frozenset({("state", "pool_size")})] >= 1


def test_done_jobs_are_in_the_metrics(
    deployment: Any, make_form: Callable[..., dict[str, str]], wait_for: Wait
) -> None:
    """A notification is a job done, with its time."""
    url = next(iter(deployment.nodes.values()))

    def done() -> float:
        found = samples(httpx.get(f"{url}/metrics").text)
        return by_queue(found, "tether_jobs_done_total")["webhooks"]

    before = done()
    form = make_form(password=deployment.webhook_password)
    assert httpx.post(f"{url}/api/webhooks/emp", data=form).status_code == 200
    wait_for(lambda: done() == before + 1, "the job is counted")


def test_the_public_finds_no_metrics(deployment: Any) -> None:
    """Neither through the balancer nor with any header that a proxy adds."""
    assert httpx.get(f"{deployment.base_url}/metrics").status_code == 404
    url = next(iter(deployment.nodes.values()))
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        answer = httpx.get(f"{url}/metrics", headers={header: "127.0.0.1"})
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "address, private",
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("::1", True),
        ("8.8.8.8", False),
        ("2a00:1450::1", False),
        ("", False),
        (None, False),
        ("unix", False),
    ],
)
def test_private_is_what_the_internet_cannot_be(address: str | None, private: bool) -> None:
    """Addresses of private networks only; what is none is not private."""
    assert is_private(address) is private


def test_metrics_are_there_when_all_else_is_away(lonely_node: str) -> None:
    """What cannot be asked is absent and told, within a second or so; never an error."""
    answer = httpx.get(f"{lonely_node}/metrics", timeout=2)
    assert answer.status_code == 200
    found = samples(answer.text)
    for service in ("redis", "postgres"):
        assert found["tether_scrape_errors", frozenset({("service", service)})] == 1
    assert not by_queue(found, "tether_queue_waiting_jobs")


def test_readiness_tells_each_queue(deployment: Any) -> None:
    """Age of the oldest job and living workers, of every queue that the deployment runs."""
    checks = httpx.get(f"{deployment.base_url}/health/ready").json()["checks"]
    for name in QUEUE_NAMES:
        assert f"{name}: " in checks["workers"]["detail"]
        assert f"{name}: 0 waiting, oldest 0 s" in checks["queues"]["detail"]


@pytest.fixture
def dashboard_url(
    quiet_settings: Settings, root: Path, free_port: Callable[[], int], wait_for: Wait
) -> Iterator[str]:
    """A running dashboard on the quiet database."""
    assert quiet_settings.redis_db == 9
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "reference_app.dashboard", "--port", str(port)],
        cwd=root,
        env={**os.environ, "DASHBOARD_PASSWORD": PASSWORD},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: answers(url), "the dashboard answers")
    yield url
    process.kill()
    process.wait()


def answers(url: str) -> bool:
    """Whether anybody listens."""
    try:
        return httpx.get(url).status_code == 401
    except httpx.TransportError:
        return False


@pytest.mark.usefixtures("workers")
def test_dashboard_shows_a_failed_job_and_runs_it_again(
    dashboard_url: str, redis: Redis, enqueue: Callable[[JobRequest], None], wait_for: Wait
) -> None:
    """Behind its password: queues, workers at work, what went wrong, and another three tries."""
    unknown = "reference_app.webhooks.job.DE89370400440532013000"
    enqueue(JobRequest(VOP, unknown, (), "failing", "a job"))
    wait_for(lambda: redis.zcard(names.scheduled_key(VOP.name)) == 1, "the first try failed")
    redis.hset("rq:job:failing", "retries_left", 0)
    redis.zadd(names.scheduled_key(VOP.name), {"failing": 0})
    wait_for(lambda: redis.zcard(names.failed_key(VOP.name)) == 1, "it failed for good")
    enqueue(JobRequest(VOP, "time.sleep", (3,), "busy", "a long job"))
    wait_for(lambda: redis.hget("rq:job:busy", "status") == b"started", "a worker is busy")

    with httpx.Client(base_url=dashboard_url, auth=(dashboard.USER, PASSWORD)) as client:
        queues = {one["name"]: one for one in client.get("/0/data/queues.json").json()["queues"]}
        assert queues["vop"]["failed_job_registry_count"] == 1
        listed = client.get("/0/data/jobs/vop/failed/8/asc/1.json").json()["jobs"]
        assert [one["id"] for one in listed] == ["failing"]
        shown = client.get("/0/data/job/failing.json")
        assert "Invalid attribute name: DE89****3000" in shown.json()["exc_info"]
        assert "DE89370400440532013000" not in shown.text
        workers = client.get("/0/data/workers.json").json()["workers"]
        assert "a long job" in str([one["current_job"] for one in workers])
        for page in ("/", "/0/view/workers", "/0/view/jobs", "/0/view/job/failing"):
            assert client.get(page).status_code == 200
        cross_site = {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/job/failing/requeue", headers=cross_site).status_code == 403
        assert client.get("/requeue/vop").status_code == 403
        assert client.post("/job/failing/requeue").json() == {"status": "OK"}
        assert not redis.zcard(names.failed_key(VOP.name))
        wait_for(lambda: redis.hget("rq:job:failing", "retries_left") == b"2", "it ran again")
        assert client.post("/requeue/vop").json() == {"status": "OK", "count": 0}


def test_dashboard_is_for_its_user_only(dashboard_url: str) -> None:
    """No page, no data and no picture without the password."""
    for path in ("/", "/0/data/queues.json", "/favicon.ico", "/static/css/main.css", "/nothing"):
        assert httpx.get(f"{dashboard_url}{path}").status_code == 401
        wrong = base64.b64encode(b"operator:wrong").decode()
        headers = {"Authorization": f"Basic {wrong}"}
        assert httpx.get(f"{dashboard_url}{path}", headers=headers).status_code == 401


@pytest.mark.parametrize("password", ["", "short", "your_dashboard_password"])
def test_dashboard_does_not_start_without_a_good_password(
    settings_of: Callable[[dict[str, str]], Settings],
    production_env: dict[str, str],
    password: str,
) -> None:
    """In no environment: it shows everything and changes something."""
    settings = settings_of({**production_env, "APP_ENV": "local", "DASHBOARD_PASSWORD": password})
    with pytest.raises(SettingsError, match="DASHBOARD_PASSWORD"):
        dashboard.build_dashboard(settings)


@pytest.mark.parametrize("host", ["::", "8.8.8.8", "example.org"])
def test_dashboard_listens_on_private_addresses_only(host: str) -> None:
    """All addresses of a machine are not private ones."""
    with pytest.raises(ValueError, match=r"."):
        dashboard.private_address(host)
    assert dashboard.private_address("127.0.0.1") == "127.0.0.1"
