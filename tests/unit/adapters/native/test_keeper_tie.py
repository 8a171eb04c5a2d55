"""The tie between a command and its keeper."""

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from golive.adapters.native import client, keeper, owner
from golive.adapters.native.client import KeeperClient
from golive.adapters.native.state import Order
from golive.errors import DeploymentError
from golive.model.deployment import DeploymentRequest, DeploymentState

# Stands in for the process alone: says that it is ready, and hears `detach` when it is let.
STUB = """
import os, sys
sys.stdin.readline()
print('{"event": "ready"}', flush=True)
assert sys.stdin.readline() == "detach\\n"
open(os.environ["GATE"]).read()
if not os.environ.get("DEAF"):
    print('{"event": "progress", "text": "late"}\\n{"event": "detached"}', flush=True)
"""


def order_for(checkout: Path) -> Order:
    """An order for a deployment without servers."""
    return Order(DeploymentRequest("odd"), checkout, servers=(), left_out={})


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets a stub be the keeper; it goes on when somebody opens the pipe that this gives."""
    (tmp_path / "stub_keeper.py").write_text(STUB)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    monkeypatch.setattr(client, "MODULE", "stub_keeper")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("GATE", str(gate))
    return gate


def test_detach_waits_until_it_is_heard(stub, tmp_path) -> None:
    """The command does not end before its keeper knows that it is to outlive it."""
    tie = KeeperClient(tmp_path, order_for(tmp_path))
    tie.await_ready(print)
    detaching = threading.Thread(target=tie.detach)
    detaching.start()
    with stub.open("w"):
        # The stub holds the pipe open, so it waits, and so must we.
        detaching.join(0.2)
        assert detaching.is_alive()

    detaching.join(10)

    assert not detaching.is_alive()


def test_detach_of_a_keeper_that_ends(stub, tmp_path, monkeypatch) -> None:
    """A keeper that ends instead of answering is an error."""
    monkeypatch.setenv("DEAF", "1")
    tie = KeeperClient(tmp_path, order_for(tmp_path))
    tie.await_ready(print)
    threading.Thread(target=lambda: stub.open("w").close()).start()

    with pytest.raises(DeploymentError, match="ended"):
        tie.detach()
    tie.end()


def test_detach_of_a_keeper_that_hangs(stub, tmp_path, monkeypatch) -> None:
    """The answer is not waited for without end."""
    monkeypatch.setattr(client, "HEARD_SECONDS", 0.1)
    tie = KeeperClient(tmp_path, order_for(tmp_path))
    tie.await_ready(print)

    with pytest.raises(DeploymentError, match="did not answer"):
        tie.detach()
    stub.open("w").close()
    tie.end()


def test_the_keeper_says_that_it_has_heard(monkeypatch) -> None:
    """After `detach` is heard, the end of the owner is nobody's business."""
    reading, writing = os.pipe()
    said: list[str] = []

    async def listen() -> None:
        with os.fdopen(reading) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            listener = owner.Owner(lambda: said.append("gone"), lambda: said.append("heard"))
            os.write(writing, b"order\ndetach\n")
            os.close(writing)
            assert await listener.order() == b"order\n"
            await listener.listen()

    asyncio.run(listen())

    assert said == ["heard"]


def test_an_end_that_is_said_is_heard(monkeypatch) -> None:
    """`end` stops the deployment while somebody still holds the pipe open, detached or not."""
    reading, writing = os.pipe()
    gone = asyncio.Event()

    async def listen() -> None:
        with os.fdopen(reading) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            listener = owner.Owner(gone.set, heard=lambda: None)
            os.write(writing, b"order\ndetach\nend\n")
            await listener.order()
            listening = asyncio.create_task(listener.listen())
            await asyncio.wait_for(gone.wait(), 10)
            os.close(writing)
            await listening

    asyncio.run(listen())


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path) -> None:
    """A deployment's folder below a file is told to the owner, with its path."""
    (tmp_path / "file").touch()
    tie = KeeperClient(tmp_path / "file" / "state" / "odd", order_for(tmp_path))

    with pytest.raises(DeploymentError, match="file: "):
        tie.await_ready(print)
    tie.end()


def test_a_target_file_of_the_users_own_stops_it_first(tmp_path) -> None:
    """Nothing is started when the target file would replace one that a user wrote."""
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "odd.toml").write_text("mine = 1\n")
    tie = KeeperClient(tmp_path / "state" / "odd", order_for(tmp_path))

    with pytest.raises(DeploymentError, match=r"odd\.toml") as caught:
        tie.await_ready(print)
    tie.end()

    assert caught.value.remedy
    assert not (tmp_path / "state" / "odd").exists()


def test_whatever_goes_wrong_everything_ends(monkeypatch) -> None:
    """An error that nobody thought of still stops the servers, and leaves a failed deployment."""
    entered: list[DeploymentState] = []

    class Broken:
        """Supervises nothing."""

        async def start(self) -> None:
            """Fail as nobody expects."""
            raise ValueError("odd")

        async def stop(self) -> None:
            """Note it."""
            entered.append(DeploymentState.STOPPED)

    one = object.__new__(keeper.Keeper)
    monkeypatch.setattr(one, "_supervisor", Broken(), raising=False)
    monkeypatch.setattr(one, "_target_file", "", raising=False)
    monkeypatch.setattr(one, "_enter", entered.append, raising=False)

    async def live() -> None:
        await one.live(asyncio.Event())

    with pytest.raises(ValueError, match="odd"):
        asyncio.run(live())

    assert entered == [DeploymentState.STOPPING, DeploymentState.STOPPED, DeploymentState.FAILED]
