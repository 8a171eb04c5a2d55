"""Faults of the network, on real connections through a real Toxiproxy."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from golive.adapters.connections import Connections
from golive.adapters.faults import toxiproxy
from golive.adapters.faults.faults import FaultsAdapter
from golive.adapters.faults.ward import Ward
from golive.config.target_file import read_target
from golive.errors import HealError, UnobservableError, UnreachableError
from golive.ledger.recorder import RunRecorder
from golive.model.operation import Phase
from golive.model.target import Capability, Faults, FaultsToxiproxy

# What a toxic does is seen by the clock.
pytestmark = pytest.mark.alone

PAYLOAD = b"0123456789" * 1000
Sees = Callable[[socket.socket], bool]


def echoed(connection: socket.socket, payload: bytes) -> list[bytes]:
    """Send, and take what comes back until it is all there or the connection ends."""
    connection.sendall(payload)
    pieces: list[bytes] = []
    while sum(map(len, pieces)) < len(payload) and (piece := connection.recv(65536)):
        pieces.append(piece)
    return pieces


def takes(seconds: float, payload: bytes = b"x") -> Sees:
    """Whether a round trip takes that long."""

    def sees(connection: socket.socket) -> bool:
        began = time.perf_counter()
        assert b"".join(echoed(connection, payload)) == payload
        return time.perf_counter() - began >= seconds

    return sees


def is_silent(connection: socket.socket) -> bool:
    """Whether nothing comes back."""
    connection.settimeout(0.3)
    try:
        return echoed(connection, b"x") == []
    except TimeoutError:
        return True


def is_reset(connection: socket.socket) -> bool:
    """Whether the connection is reset."""
    try:
        echoed(connection, b"x")
    except ConnectionResetError:
        return True
    return False


def is_cut_short(connection: socket.socket) -> bool:
    """Whether only the first hundred bytes come back."""
    return len(b"".join(echoed(connection, PAYLOAD))) == 100


def is_sliced(connection: socket.socket) -> bool:
    """Whether a little comes in many pieces."""
    pieces = echoed(connection, PAYLOAD[:100])
    assert b"".join(pieces) == PAYLOAD[:100]
    return len(pieces) > 3


def closes_late(connection: socket.socket) -> bool:
    """Whether the end of the other side comes late."""
    began = time.perf_counter()
    connection.sendall(b"Q")
    assert connection.recv(1) == b""
    return time.perf_counter() - began >= 0.4


@pytest.mark.parametrize(
    "kind, attributes, sees",
    [
        ("latency", {"latency": 300, "jitter": 50}, takes(0.25)),
        ("timeout", {"timeout": 0}, is_silent),
        ("reset_peer", {"timeout": 0}, is_reset),
        ("limit_data", {"bytes": 100}, is_cut_short),
        ("slicer", {"average_size": 10, "size_variation": 5, "delay": 2000}, is_sliced),
        ("bandwidth", {"rate": 20}, takes(0.3, PAYLOAD)),
        ("slow_close", {"delay": 400}, closes_late),
    ],
)
def test_a_toxic_acts_and_is_gone(
    on_network: FaultsAdapter, proxied, kind: str, attributes: dict[str, int], sees: Sees
) -> None:
    """Every kind of toxic is felt on a connection while it is there, and on none afterwards."""
    with on_network.toxic("echo", kind, attributes=attributes), proxied.connect() as connection:
        (toxic,) = proxied.state()["toxics"]
        assert sees(connection)

    assert toxic["name"].startswith("golive-")
    assert proxied.is_well()
    with proxied.connect() as connection:
        assert not sees(connection)


def test_a_cut_drops_what_there_is_and_refuses_more(on_network: FaultsAdapter, proxied) -> None:
    """Live connections end, new ones are refused, and afterwards both work again."""
    with proxied.connect() as before, on_network.cut("echo"):
        with contextlib.suppress(ConnectionResetError):
            assert before.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            proxied.connect()
    with proxied.connect() as after:
        assert echoed(after, b"x") == [b"x"]


def test_the_ledger_tells_of_both(on_network: FaultsAdapter, ledger: RunRecorder) -> None:
    """Each break and each heal is an operation, completed when it is proven."""
    with on_network.toxic("echo", "latency", attributes={"latency": 1}):
        pass

    told = [(one.name, one.phase) for one in ledger.operations if "echo" in one.name]
    assert told == [
        (f"{verb} toxic echo latency", phase)
        for verb in ("FAULT", "HEAL")
        for phase in (Phase.INVOKE, Phase.OK)
    ]


def test_other_peoples_toxics_stay(on_network: FaultsAdapter, proxied) -> None:
    """Healing takes away what we brought, and nothing else."""
    theirs = {"name": "theirs", "type": "latency", "attributes": {"latency": 1}}
    httpx.post(f"{proxied.api}/proxies/{proxied.name}/toxics", json=theirs).raise_for_status()

    with on_network.toxic("echo", "reset_peer", attributes={"timeout": 0}), on_network.cut("echo"):
        pass

    assert [one["name"] for one in proxied.state()["toxics"]] == ["theirs"]


def test_what_somebody_else_removed_is_healed(on_network: FaultsAdapter, proxied) -> None:
    """A toxic that is gone already needs no removal."""
    with on_network.toxic("echo", "latency", attributes={"latency": 1}):
        (toxic,) = proxied.state()["toxics"]
        path = f"{proxied.api}/proxies/{proxied.name}/toxics/{toxic['name']}"
        httpx.delete(path).raise_for_status()

    assert proxied.is_well()


def test_a_proxy_that_cannot_listen_again_is_not_healed(
    on_network: FaultsAdapter, proxied, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Toxiproxy answers well when it is told to enable a proxy whose port was taken: we look."""
    monkeypatch.setattr(toxiproxy, "ENABLED_SECONDS", 0.5)
    taker = socket.socket()
    cut = on_network.cut("echo")
    cut.__enter__()
    taker.bind(("127.0.0.1", proxied.port))
    taker.listen()
    with pytest.raises(HealError, match="cannot listen"):
        cut.__exit__(None, None, None)

    assert not proxied.state()["enabled"]
    assert ward.journal.path.exists()
    taker.close()
    ward.close()
    assert proxied.is_well()
    assert not ward.journal.path.exists()


def test_cuts_that_overlap_last_until_the_last(on_network: FaultsAdapter, proxied) -> None:
    """The first of two threads breaks, the last one heals."""
    inside, leave = threading.Barrier(2), threading.Event()

    def other() -> None:
        with on_network.cut("echo"):
            inside.wait()
            leave.wait()

    thread = threading.Thread(target=other)
    with on_network.cut("echo"):
        thread.start()
        inside.wait()
    enabled_between = proxied.state()["enabled"]
    leave.set()
    thread.join()

    assert not enabled_between
    assert proxied.is_well()


def test_threads_break_and_heal_at_once(on_network: FaultsAdapter, proxied, ward: Ward) -> None:
    """Sixteen toxics at the same time neither get lost nor get mixed up."""
    inside = threading.Barrier(17)

    def one(number: int) -> None:
        with on_network.toxic("echo", "latency", attributes={"latency": number}):
            inside.wait()
            inside.wait()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    inside.wait()
    found = {one["attributes"]["latency"] for one in proxied.state()["toxics"]}
    inside.wait()
    for thread in threads:
        thread.join()

    assert found == set(range(16))
    assert proxied.is_well()
    assert not ward.journal.path.exists()


@pytest.mark.parametrize(
    "service, kind, reason",
    [
        ("nowhere", "latency", "no proxy 'no-such-proxy'"),
        ("unnamed", "latency", "faults.toxiproxy.proxies.unnamed"),
        ("echo", "nonsense", "invalid toxic type"),
    ],
)
def test_what_cannot_be_broken_is_said(
    on_network: FaultsAdapter, proxied, service: str, kind: str, reason: str
) -> None:
    """A proxy that is not there and a toxic that is none say nothing about the target."""
    with (
        pytest.raises(UnobservableError, match=reason),
        on_network.toxic(service, kind, attributes={}),
    ):
        pass
    assert proxied.is_well()


def test_a_proxy_that_is_disabled_already_is_not_ours(on_network: FaultsAdapter, proxied) -> None:
    """What somebody else has cut is neither cut nor healed by us."""
    disabled = {"enabled": False}
    httpx.post(f"{proxied.api}/proxies/{proxied.name}", json=disabled).raise_for_status()

    with pytest.raises(UnobservableError, match="disabled already"), on_network.cut("echo"):
        pass

    assert not proxied.state()["enabled"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "{base_url}"])
def test_what_is_no_toxiproxy_is_out_of_reach(
    address: str, deployment, ward: Ward, ledger: RunRecorder
) -> None:
    """Nobody there, or somebody else: the step that needs it is told so."""
    section = FaultsToxiproxy(address.format(base_url=deployment.base_url), {"a": "b"})

    with pytest.raises((UnreachableError, UnobservableError), match="TOXIPROXY"):
        FaultsAdapter(Faults(toxiproxy=section), ward, ledger.step("s")).ping()


def test_the_reference_deployment_can_be_broken(deployment, ledger: RunRecorder) -> None:
    """The preflight finds its Toxiproxy with every proxy, and a fault acts on the service."""
    from pathlib import Path

    target = read_target(Path(deployment.target_file))
    with Connections(target, deployment.access, "r-1") as connections:
        connections.reach(Capability.TOXICS, ledger.step("preflight"))
    asked = {one.name for one in ledger.operations}
    assert asked == {
        f"TOXIPROXY {proxy}" for proxy in target.at("faults.toxiproxy.proxies").values()
    }
