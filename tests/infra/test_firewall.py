"""Who reaches what, with the rules of infra/firewall in hosts that are network namespaces."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra import render
from tests.infra import _namespaces
from tests.infra._helping import end, until
from tests.infra._namespaces import Host

pytestmark = pytest.mark.skipif(
    bool(_namespaces.why_not()), reason=_namespaces.why_not() or "possible"
)

LISTENING, SCANNING = (Path(__file__).with_name(one) for one in ("_listening.py", "_scanning.py"))
WITHIN_SECONDS = "1.0"
ROLES = {"balancer": "balancer", "api": "api", "api2": "api", "worker": "worker", "data": "data"}
ADDRESSES = {
    "balancer": "10.20.0.10",
    "api": "10.20.0.11",
    "api2": "10.20.0.12",
    "worker": "10.20.0.21",
    "data": "10.20.0.31",
    "operator": "10.20.0.5",
    "stranger": "10.20.0.66",
}

Reaches = Callable[[str], set[str]]


@pytest.fixture(scope="module")
def ports(values) -> dict[str, int]:
    """Every port that is used anywhere, and one that is used nowhere."""
    return {**values["ports"], "unused": 31337}


@pytest.fixture(scope="module")
def hosts(values, ports, tmp_path_factory) -> Iterator[dict[str, Host]]:
    """All hosts of infra/values.toml on one wire, each listening at every port."""
    folder = tmp_path_factory.mktemp("hosts")
    render.write(values, folder)
    with _namespaces.network() as network, ExitStack() as listening:
        wire = network.bridge("wire")
        made = {name: network.host(name) for name in ADDRESSES}
        for name, host in made.items():
            network.plug(host, wire, ADDRESSES[name])
            process = _listen(host, list(ports.values()), folder / f"{name}.log")
            listening.callback(end, process)
            if name in ROLES:
                host.run("nft", "-f", folder / ROLES[name] / "etc/nftables.conf")
        for name in made:
            until((folder / f"{name}.log").read_text, f"{name} listens")
        yield made


def _listen(host: Host, numbers: list[int], log: Path) -> "subprocess.Popen[bytes]":
    words = [*host.inside, sys.executable, str(LISTENING), *map(str, numbers)]
    with log.open("wb") as output:
        return subprocess.Popen(words, stdout=output)


@pytest.fixture
def reaches(hosts, ports) -> Reaches:
    """What a host gets through to, as `data:postgres`."""
    names = {f"{ADDRESSES[one]}:{ports[port]}": f"{one}:{port}" for one in ROLES for port in ports}

    def found(name: str) -> set[str]:
        others = [address for address, said in names.items() if not said.startswith(f"{name}:")]
        scan = hosts[name].run(sys.executable, SCANNING, WITHIN_SECONDS, *others)
        return {names[line] for line in scan.stdout.split()}

    return found


SERVED = {"data:redis_queue", "data:redis_cache", "data:pgbouncer", "data:s3", "data:logs"}
PUBLIC = {"balancer:https"}


@pytest.mark.parametrize(
    "name, reached",
    [
        ("stranger", PUBLIC),
        ("balancer", {"api:api", "api2:api", "data:logs"}),
        ("api", SERVED | PUBLIC),
        ("worker", SERVED | PUBLIC),
        ("data", PUBLIC),
        ("operator", PUBLIC | {f"{one}:ssh" for one in ROLES} | {"api:api", "api2:api"}),
    ],
)
def test_each_host_reaches_what_it_needs_and_nothing_else(reaches, name, reached) -> None:
    """Everybody listens at every port, so that only the firewall can keep them apart."""
    assert reaches(name) == reached


def test_port_80_opens_and_closes(hosts, reaches, values) -> None:
    """As infra/acme does for the challenge."""
    port, balancer = values["ports"]["http"], hosts["balancer"]
    element = ("element", "inet", "tether", "challenged")
    balancer.run("nft", "add", *element, f"{{ {port} timeout 5m }}")
    assert reaches("stranger") == PUBLIC | {"balancer:http"}

    balancer.run("nft", "delete", *element, f"{{ {port} }}")
    assert reaches("stranger") == PUBLIC
