"""The whole service as an installation: balancer, API nodes, worker and data host are network
namespaces with the firewall of infra/firewall, and a world comes by https.

The data host runs the reference deployment's own servers, on their ports.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from dotenv import dotenv_values

from golive.adapters.deployments import reference_deployment
from golive.adapters.native.ports import LOOPBACK
from golive.model.deployment import Deployment
from infra import render
from tests.infra import _namespaces
from tests.infra._helping import ROOT, end, until
from tests.infra._namespaces import Host, Inhabitant, Network

pytestmark = pytest.mark.skipif(
    bool(_namespaces.why_not()), reason=_namespaces.why_not() or "possible"
)

DOMAIN = "api.tether.test"
PUBLIC, OUTSIDE = "10.99.0.10", "10.99.0.2"
BALANCER, WORKER, DATA = "10.20.0.10", "10.20.0.21", "10.20.0.31"
NODES = {"api-1": "10.20.0.11", "api-2": "10.20.0.12", "api-3": "10.20.0.13"}
API_PORT = 8000
RATE = "20"
ROUND_SECONDS = 2
HERE = Path(__file__).parent
OWN = ("api-1", "api-2", "worker")
"""Of the reference deployment: they have hosts of their own here."""


@dataclass
class Installation:
    """Everything that runs."""

    folder: Path
    hosts: dict[str, Host]
    start: Any
    inhabitant: Inhabitant
    env: dict[str, str] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)

    @property
    def nodes_file(self) -> Path:
        """The nodes that nginx knows."""
        return self.folder / "nginx/nodes.conf"

    @property
    def nginx(self) -> tuple[str, ...]:
        """The command of the balancer."""
        configuration = self.folder / "hosts/balancer/etc/nginx/nginx.conf"
        return ("nginx", "-p", str(self.folder / "nginx"), "-c", str(configuration))

    def add_node(self, name: str) -> None:
        """Start an API node on its host."""
        where = ("--host", "0.0.0.0", "--port", str(API_PORT))  # noqa: S104
        self._python(self.hosts[name], name, "reference_app.api", *where)
        log = self.folder / f"{name}.log"
        until(lambda: "listening" in log.read_text(), f"{name} listens")

    def add_worker(self) -> None:
        """Start the workers on their host."""
        self._python(self.hosts["worker"], "worker", "reference_app.worker")

    def _python(self, host: Host, name: str, *words: str) -> None:
        env = {**self.env, "NODE_NAME": name}
        self.start(*host.inside, sys.executable, "-m", *words, env=env, log=name)

    def know(self, *names: str) -> None:
        """Tell the balancer its nodes."""
        nodes = [f"{NODES[one]}:{API_PORT}" for one in names]
        self.nodes_file.write_text(render.render("nginx/nodes.conf.j2", {"nodes": nodes}))

    def reload(self) -> None:
        """Let nginx read them."""
        self.hosts["balancer"].run(*self.nginx, "-s", "reload")

    def scan(self, *ranges: str) -> set[str]:
        """What answers to the world."""
        found = self.hosts["world"].run(sys.executable, HERE / "_scanning.py", "1.0", *ranges)
        return set(found.stdout.split())

    def effects(self, prefix: str) -> tuple[int, int]:
        """How many notifications had an effect, and how many effects there were."""
        query = (
            "select count(distinct unique_id), count(*) from webhook_events where unique_id like %s"
        )

        def ask() -> tuple[int, int]:
            with psycopg.connect(self.access["REFERENCE_SQL_DSN"]) as connection:
                return connection.execute(query, (f"{prefix}%",)).fetchone() or (0, 0)

        return self.inhabitant.do(ask)


def _cables(network: Network) -> dict[str, Host]:
    """Two wires; only the balancer is on both, and would pass on what its firewall let through."""
    street, private = network.bridge("street"), network.bridge("private")
    hosts = {one: network.host(one) for one in ("world", "balancer", "worker", "data", *NODES)}
    near = network.plug(hosts["world"], street, OUTSIDE)
    hosts["world"].run("ip", "route", "add", "10.20.0.0/24", "via", PUBLIC, "dev", near)
    network.plug(hosts["balancer"], street, PUBLIC)
    hosts["balancer"].run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    addresses = {"balancer": BALANCER, "worker": WORKER, "data": DATA, **NODES}
    for name, address in addresses.items():
        port = network.plug(hosts[name], private, address)
        if name not in ("balancer", "data"):
            hosts[name].run("ip", "route", "add", "10.99.0.0/24", "via", BALANCER)
        if name == "data":
            hosts[name].run("ip", "route", "add", "10.99.0.0/24", "via", BALANCER)
            # The deployment listens on loopback alone: here each of its ports is the host's.
            hosts[name].run("sysctl", "-qw", f"net.ipv4.conf.{port}.route_localnet=1")
    return hosts


def _render(values: dict[str, Any], env: dict[str, str], folder: Path) -> Path:
    """The files of all hosts, with the ports that the deployment has taken."""
    ports = {
        **values["ports"],
        "redis_queue": int(env["REDIS_PORT"]),
        "redis_cache": int(env["REDIS_CACHE_PORT"]),
        "pgbouncer": int(env["DB_PORT"]),
        "s3": int(env["AWS_ENDPOINT"].rpartition(":")[2]),
    }
    changed = {
        **values,
        "domain": DOMAIN,
        "ports": ports,
        "accounts": {**values["accounts"], "balancer": "root"},
        "hosts": {
            "balancer": BALANCER,
            "api": list(NODES.values()),
            "worker": [WORKER],
            "data": DATA,
            "operator": "10.20.0.5",
        },
        "paths": {
            **values["paths"],
            "nginx": str(folder / "nginx"),
            "nginx_access": str(folder / "nginx/access.log"),
            "certificates": str(folder / "live"),
        },
    }
    render.write(changed, folder / "hosts")
    return folder / "hosts"


def _certify(folder: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert(DOMAIN)
    live = folder / "live" / DOMAIN
    live.mkdir(parents=True)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_pem.write_to_path(live / "privkey.pem")
    for pem in issued.cert_chain_pems:
        pem.write_to_path(live / "fullchain.pem", append=True)


@pytest.fixture
def installation(values, start, tmp_path) -> Iterator[Installation]:
    """All hosts with their firewalls, two nodes behind the balancer, the health check running."""
    with _namespaces.network() as network:
        hosts = _cables(network)
        inhabitant = Inhabitant(hosts["data"])
        servers = reference_deployment(progress=print)
        deployment = inhabitant.do(servers.__enter__)
        try:
            made = Installation(tmp_path, hosts, start, inhabitant)
            _move_in(made, deployment, values)
            yield made
        finally:
            inhabitant.do(lambda: servers.__exit__(None, None, None))
            inhabitant.leave()


def _move_in(made: Installation, deployment: Deployment, values: dict[str, Any]) -> None:
    env = dotenv_values(Path(deployment.folder) / "app.env", interpolate=False)
    access = dotenv_values(Path(deployment.target_file).with_suffix(".env"), interpolate=False)
    made.env = {name: (value or "").replace(LOOPBACK, DATA) for name, value in env.items()}
    made.access = {name: value or "" for name, value in access.items()}
    rendered = _render(values, made.env, made.folder)
    _certify(made.folder)
    control = (sys.executable, "-m", "golive.adapters.native.control", deployment.folder)
    for role in OWN:
        made.hosts["data"].run(*control, role, "stop")
    moved = (
        "add table ip moved; "
        "add chain ip moved entering { type nat hook prerouting priority dstnat; }; "
        f"add rule ip moved entering ip daddr {DATA} dnat to {LOOPBACK}"
    )
    made.hosts["data"].run("nft", moved)
    roles = {
        "balancer": "balancer",
        "worker": "worker",
        "data": "data",
        **dict.fromkeys(NODES, "api"),
    }
    for name, role in roles.items():
        made.hosts[name].run("nft", "-f", rendered / role / "etc/nftables.conf")
    (made.folder / "nginx").mkdir(parents=True)
    for name in ("api-1", "api-2"):
        made.add_node(name)
    made.add_worker()
    made.know("api-1", "api-2")
    made.start(*made.hosts["balancer"].inside, *made.nginx, log="nginx")
    check = (
        f"{sys.executable} -m infra.health --nodes {made.nodes_file} "
        f"--reload '{' '.join(made.nginx)} -s reload'"
    )
    # What the systemd timer does every ten seconds, more often.
    loop = f"while :; do {check}; sleep {ROUND_SECONDS}; done"
    made.start(*made.hosts["balancer"].inside, "sh", "-c", loop, log="health")
    until(lambda: made.scan(f"{PUBLIC}:443"), "the balancer answers")


def _notify(made: Installation, prefix: str) -> "subprocess.Popen[str]":
    words = (PUBLIC, "443", DOMAIN, str(made.folder / "ca.pem"), RATE, prefix)
    return subprocess.Popen(
        [*made.hosts["world"].inside, sys.executable, str(HERE / "_notifying.py"), *words],
        cwd=ROOT,
        env={
            **os.environ,
            "NOTIFYING_PASSWORD": made.access["REFERENCE_WEBHOOK_PASSWORD"],
            "PYTHONPATH": str(ROOT),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_world_sees_one_door_and_loses_nothing(installation) -> None:
    """Of all ports of all hosts 443 alone answers. A node that is cut off costs nobody anything but
    time, and is taken out; a third node that comes gets its part.
    """
    everything = [f"{one}:1-65535" for one in (PUBLIC, BALANCER, WORKER, DATA, *NODES.values())]
    seen = installation.scan(*everything)
    print(f"answers to the world: {sorted(seen)}")
    assert seen == {f"{PUBLIC}:443", f"{BALANCER}:443"}

    node = f"{NODES['api-1']}:{API_PORT}"
    gateway = _notify(installation, "drill-")
    try:
        until(lambda: installation.effects("drill-")[0] > 40, "notifications have their effect")
        _cut(installation, "api-1", "down")
        out = f"server {node} max_fails=3 fail_timeout=10s down;"
        until(lambda: out in installation.nodes_file.read_text(), "it is taken out", 60)
        _cut(installation, "api-1", "up")
        until(lambda: "down" not in installation.nodes_file.read_text(), "it is put back", 60)
        installation.add_node("api-3")
        installation.know("api-1", "api-2", "api-3")
        installation.reload()
        log = installation.folder / "api-3.log"
        until(lambda: "/api/webhooks/emp" in log.read_text(), "the third node gets requests")
        said = json.loads(gateway.communicate(timeout=120)[0])
    finally:
        end(gateway)
    print(
        f"notifications {said['sent']}, echoed {said['echoed']}, tries without: {said['refused']}"
    )
    assert said["echoed"] == said["sent"]
    until(
        lambda: installation.effects("drill-") == (said["sent"], said["sent"]),
        "each has its effect, once",
        60,
    )


def _cut(made: Installation, name: str, state: str) -> None:
    """Pull the cable of a host, or put it back."""
    (link,) = [
        one["ifname"]
        for one in json.loads(made.hosts[name].run("ip", "-json", "link").stdout)
        if one["ifname"] != "lo"
    ]
    made.hosts[name].run("ip", "link", "set", link, state)
