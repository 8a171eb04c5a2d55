"""The process that starts, supervises and stops one deployment: `python -m … DEPLOYMENT_FOLDER`.

Its stdin is held by its owner: the first line is the order, `detach` lets the deployment outlive
the owner, the end of the pipe before that is the owner's death, `end` stops everything. Its stdout
is lines of JSON for the owner.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import sys
import time
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil

from golive.adapters.native import credentials, places, ports, target, variants
from golive.adapters.native.owner import Owner
from golive.adapters.native.processes import Identity
from golive.adapters.native.releases import Releases
from golive.adapters.native.restraints import Restraints
from golive.adapters.native.site import Site, lay_out
from golive.adapters.native.state import (
    Order,
    Snapshot,
    lock_file,
    parse_order,
    write_snapshot,
)
from golive.adapters.native.supervisor import Supervisor
from golive.adapters.native.units import collect, nginx
from golive.errors import DeploymentError
from golive.model.deployment import Deployment, DeploymentState

PR_SET_CHILD_SUBREAPER = 36
FAILED_EXIT_CODE = 3
USABLE_FOLDER = "golive doctor shows its folders; XDG_STATE_HOME may name one elsewhere."


def tell(event: str, **words: str) -> None:
    """One line for the owner, who may be gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps({"event": event, **words}) + "\n")
        sys.stdout.flush()


def progress(text: str) -> None:
    """One line of progress for the owner."""
    tell("progress", text=text)


class Keeper:
    """One deployment from its order to its end."""

    def __init__(self, folder: Path, order: Order) -> None:
        self._folder = folder
        self._order = order
        self._state = DeploymentState.STARTING
        self._site = _site(folder, order)
        self._target_file = ""
        identity = Identity.of(os.getpid())
        assert identity is not None  # noqa: S101 - we are alive
        self._identity = identity
        units = collect(self._site)
        self._supervisor = Supervisor(
            units, self._site.log, self._save, progress, Restraints(folder), Releases(folder)
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap_orphans)

    async def live(self, stop: asyncio.Event) -> None:
        """Start, stay until told to stop, stop."""
        stopped = asyncio.create_task(stop.wait())
        start = asyncio.create_task(self._supervisor.start())
        final = DeploymentState.FAILED
        try:
            await asyncio.wait({start, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                await start
                self._announce()
                await stopped
            final = DeploymentState.STOPPED
        finally:
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            await self._end(final)

    def _announce(self) -> None:
        target_file = _target_file(self._folder, self._order)
        # Known before it is there, so that a failure half way leaves nothing either.
        self._target_file = str(target_file)
        target.write(self._site, target_file)
        self._enter(DeploymentState.READY)
        tell("ready")

    async def _end(self, final: DeploymentState) -> None:
        self._enter(DeploymentState.STOPPING)
        await self._supervisor.stop()
        if self._target_file:
            target.remove(Path(self._target_file))
        self._enter(final)

    def _enter(self, state: DeploymentState) -> None:
        self._state = state
        self._save()

    def _save(self) -> None:
        # A full disk must not keep anything from being stopped, or from being started again.
        starting = self._state is DeploymentState.STARTING
        with contextlib.nullcontext() if starting else contextlib.suppress(OSError):
            write_snapshot(self._folder, self._snapshot())

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            self._deployment(),
            self._identity,
            self._supervisor.identities(),
            attached=self._order.request.attached,
            saved=time.time(),
            stop_signals=self._supervisor.stop_signals(),
        )

    def _deployment(self) -> Deployment:
        site = self._site
        return Deployment(
            name=self._order.request.name,
            backend="native",
            folder=str(self._folder),
            state=self._state,
            base_url=nginx.base_url(site),
            target_file=self._target_file,
            keeper_pid=self._identity.pid,
            processes=self._supervisor.servers(),
            left_out=dict(site.left_out),
            urls={
                role: f"http://{site.address(role)}"
                for role in (*site.api_roles(), "minio", "toxiproxy")
            },
            variant=self._order.request.variant,
        )

    def _reap_orphans(self) -> None:
        """Processes whose parent has died come to us, and somebody must take note of their end."""
        own = self._supervisor.own_pids()
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error, ChildProcessError):
                if child.pid not in own and child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)


def _target_file(folder: Path, order: Order) -> Path:
    if order.request.attached:
        return folder / "reference.toml"
    return order.checkout / "targets" / f"{order.request.name}.toml"


def _site(folder: Path, order: Order) -> Site:
    account = places.service_account()
    lay_out(folder, account)
    # The same block again, if it is free, so that addresses do not change without need.
    preferred = zlib.crc32(folder.name.encode())
    return Site(
        name=order.request.name,
        folder=folder,
        checkout=order.checkout,
        api_nodes=order.request.api_nodes,
        account=account,
        servers={found.name: found for found in order.servers},
        left_out=order.left_out,
        credentials=credentials.load_or_make(folder),
        block=ports.reserve(places.reservations_folder(), start=preferred),
        variant=variants.find(order.checkout, order.request.variant),
        settings=order.request.settings,
        tls=order.request.tls,
    )


async def keep(folder: Path) -> int:
    """Take the order and live by it; every failure is told to the owner in a sentence."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    owner = Owner(gone=stop.set, heard=partial(tell, "detached"))
    order = parse_order(await owner.order())
    listening = asyncio.create_task(owner.listen())
    try:
        places.make_passable(folder.parent)
        with _sole(lock_file(folder), order.request.name):
            await _run(folder, order, stop)
    except DeploymentError as problem:
        tell("failed", message=problem.message, remedy=problem.remedy)
        return FAILED_EXIT_CODE
    except OSError as problem:
        tell("failed", message=_sentence(problem, folder), remedy=USABLE_FOLDER)
        return FAILED_EXIT_CODE
    finally:
        listening.cancel()
        if order.request.attached:
            with contextlib.suppress(OSError):
                lock_file(folder).unlink(missing_ok=True)
    return 0


@contextlib.contextmanager
def _sole(path: Path, name: str) -> Iterator[None]:
    """Be the only keeper of the deployment."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeploymentError(
                f"{name} is up already, or is being started or stopped", remedy="See: golive ps"
            ) from None
        yield


async def _run(folder: Path, order: Order, stop: asyncio.Event) -> None:
    target.require_free(_target_file(folder, order))
    if order.request.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        keeper = Keeper(folder, order)
        _redirect_stderr(folder / "logs" / "keeper.log")
        await keeper.live(stop)
    finally:
        if order.request.attached:
            shutil.rmtree(folder, ignore_errors=True)


def _redirect_stderr(log: Path) -> None:
    """From now on a traceback of ours is for the log: the owner may be gone when it comes."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())


def _sentence(problem: OSError, folder: Path) -> str:
    where = problem.filename or folder
    space = ""
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder.parent).free
        space = f" ({free / 1024**2:.0f} MB are free in {folder.parent})"
    return f"{where}: {problem.strerror or problem}{space}"


def main() -> int:
    """Be the parent of everything below, then keep."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return asyncio.run(keep(Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
