"""Certificates by ACME: got and renewed by the scripts of infra/acme, from a real authority."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.infra import _namespaces
from tests.infra._helping import end, until
from tests.infra._namespaces import Host
from tests.infra._pebble import program

pytestmark = pytest.mark.skipif(
    bool(_namespaces.why_not()), reason=_namespaces.why_not() or "possible"
)

DOMAIN = "api.tether.test"
WORLD, BALANCER = "10.99.0.2", "10.99.0.10"
ACME_PORT, ROOTS_PORT, NAMES_PORT = 14000, 15000, 8053
RATE = 50
ASKING = Path(__file__).with_name("_asking.py")
FETCH_ROOT = f"""
import ssl, sys, urllib.request
trusted = ssl.create_default_context(cafile=sys.argv[1])
url = "https://{WORLD}:{ROOTS_PORT}/roots/0"
print(urllib.request.urlopen(url, context=trusted).read().decode())
"""


@dataclass(frozen=True)
class Scene:
    """A balancer with its firewall, and a world with a certificate authority and callers."""

    world: Host
    balancer: Host
    hosts: Path
    env: dict[str, str]
    authority: Path

    def certify(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the script of the certificate timer."""
        (script,) = self.hosts.rglob("certificate.sh")
        return subprocess.run(
            [*self.balancer.inside, script, *words],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=False,
        )

    def is_open(self, port: int) -> bool:
        """Whether the world gets an answer from the balancer there."""
        connect = f"import socket; socket.create_connection(('{BALANCER}', {port}), 0.5)"
        return self.world.run(sys.executable, "-c", connect, check=False).returncode == 0


@pytest.fixture
def scene(render_hosts, start, tmp_path) -> Iterator[Scene]:
    """The authority runs; the balancer has its firewall, and no certificate."""
    home = tmp_path / "nginx"
    nginx = f"nginx -p {home} -c {tmp_path}/hosts/balancer/etc/nginx/nginx.conf"
    hosts = render_hosts(
        domain=DOMAIN,
        hosts={"balancer": BALANCER, "api": ["127.0.0.1"]},
        # The folders of a test are root's alone.
        accounts={"balancer": "root"},
        paths={
            "nginx": str(home),
            "nginx_access": str(tmp_path / "access.log"),
            "certificates": str(tmp_path / "letsencrypt/live"),
        },
        acme={"reload": f"{nginx} -s reload"},
    )
    home.mkdir()
    (nodes,) = hosts.rglob("nodes.conf")
    (home / "nodes.conf").write_text(nodes.read_text())
    with _namespaces.network() as network:
        wire, world, balancer = network.bridge("wire"), network.host("world"), network.host("lb")
        network.plug(world, wire, WORLD)
        network.plug(balancer, wire, BALANCER)
        balancer.run("nft", "-f", hosts / "balancer/etc/nftables.conf")
        env = _start_authority(world, start, tmp_path)
        yield Scene(world, balancer, hosts, env, tmp_path / "root.pem")


def _start_authority(world: Host, start: Any, folder: Path) -> dict[str, str]:
    """Pebble with its name server; gives the environment that lets certbot find it."""
    own = trustme.CA()
    own.cert_pem.write_to_path(folder / "pebble-ca.pem")
    issued = own.issue_cert(WORLD)
    issued.private_key_pem.write_to_path(folder / "pebble-key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "pebble.pem")
    configuration = {
        "listenAddress": f"{WORLD}:{ACME_PORT}",
        "managementListenAddress": f"{WORLD}:{ROOTS_PORT}",
        "certificate": str(folder / "pebble.pem"),
        "privateKey": str(folder / "pebble-key.pem"),
        "httpPort": 80,
        "tlsPort": 443,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": configuration}))
    names = [f"-{one}=" for one in ("http01", "https01", "tlsalpn01", "doh", "management")]
    start(
        *(*world.inside, program("pebble-challtestsrv"), f"-dnsserver={WORLD}:{NAMES_PORT}"),
        *(f"-defaultIPv4={BALANCER}", "-defaultIPv6=", *names),
        log="names",
    )
    start(
        *(*world.inside, program("pebble"), "-config", folder / "pebble.json"),
        *("-dnsserver", f"{WORLD}:{NAMES_PORT}"),
        env={"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"},
        log="pebble",
    )
    fetch = (sys.executable, "-c", FETCH_ROOT, folder / "pebble-ca.pem")
    until(lambda: world.run(*fetch, check=False).returncode == 0, "pebble answers")
    (folder / "root.pem").write_text(world.run(*fetch).stdout)
    settings = folder / "config/letsencrypt/cli.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f"server = https://{WORLD}:{ACME_PORT}/dir\nconfig-dir = {folder}/letsencrypt\n"
        f"work-dir = {folder}/certbot\nlogs-dir = {folder}/certbot\n"
    )
    return {
        "XDG_CONFIG_HOME": str(folder / "config"),
        "REQUESTS_CA_BUNDLE": str(folder / "pebble-ca.pem"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def test_a_certificate_is_renewed_without_a_request_being_lost(
    scene, start, production_env, tmp_path
) -> None:
    """First one, then another while a client asks fifty times a second; port 80 is open meanwhile
    alone, and every request is answered.
    """
    first = scene.certify("first")
    assert first.returncode == 0, first.stdout + first.stderr
    start(
        *(*scene.balancer.inside, sys.executable, "-m", "reference_app.api", "--port", "8000"),
        env={**production_env, "NODE_NAME": "api-1"},
        log="api",
    )
    start(
        *(*scene.balancer.inside, "nginx", "-p", tmp_path / "nginx"),
        *("-c", scene.hosts / "balancer/etc/nginx/nginx.conf"),
        log="nginx",
    )
    until(lambda: scene.is_open(443), "nginx speaks TLS")
    until(lambda: "listening" in (tmp_path / "api.log").read_text(), "the API listens")
    assert not scene.is_open(80)
    said = tmp_path / "asking.json"
    with said.open("wb") as output:
        client = subprocess.Popen(
            [
                *(*scene.world.inside, sys.executable, ASKING, BALANCER, "443", DOMAIN),
                *(scene.authority, str(RATE)),
            ],
            stdin=subprocess.PIPE,
            stdout=output,
        )
    try:
        until(lambda: said.read_text().count("certificate") == 1, "the first certificate is shown")
        renewed = scene.certify("--force-renewal")
        assert renewed.returncode == 0, renewed.stdout + renewed.stderr
        until(lambda: said.read_text().count("certificate") == 2, "the second one is shown")
        client.communicate()
    finally:
        end(client)
    seen = json.loads(said.read_text().splitlines()[-1])
    assert seen["failures"] == []
    assert seen["statuses"] == {"200": seen["sent"]}
    assert seen["sent"] > RATE
    assert not scene.is_open(80)
