"""Starts units as soon as what they need is there, starts servers again that end, stops them all in
reverse.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from golive.adapters.native import guard, processes
from golive.adapters.native.logs import tail
from golive.adapters.native.processes import Identity
from golive.adapters.native.releases import Releases
from golive.adapters.native.restraints import Restraints
from golive.adapters.native.state import LIVING
from golive.adapters.native.unit import GRACE_SECONDS, Command, Server, Task, Unit
from golive.errors import DeploymentError
from golive.model.deployment import ProcessState, Progress, ServerProcess, ending

POLL_SECONDS = 0.03
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 2.0
# A server that lived this long was well: it is started again as soon as one that never died.
STABLE_SECONDS = 10.0


@dataclass
class Place:
    """A unit and what has become of it."""

    unit: Unit
    log: Path
    state: ProcessState = ProcessState.WAITING
    process: asyncio.subprocess.Process | None = None
    identity: Identity | None = None
    since: float | None = None
    restarts: int = 0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """All units of one deployment.

    Everything happens in the main thread: the kernel ties the end of a server to the end of the
    thread that started it.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        log: Callable[[str], Path],
        changed: Callable[[], None],
        progress: Progress,
        restraints: Restraints,
        releases: Releases,
    ) -> None:
        self._places = {unit.role: Place(unit, log(unit.role)) for unit in units}
        self._changed = changed
        self._progress = progress
        self._restraints = restraints
        self._releases = releases
        self._complete = False
        self._casualties: asyncio.Queue[DeploymentError] = asyncio.Queue()
        self._watchers: set[asyncio.Task[None]] = set()
        self._stopping = False

    def servers(self) -> tuple[ServerProcess, ...]:
        """Every server as it is now."""
        return tuple(
            ServerProcess(
                role=role,
                state=place.state,
                pid=place.process.pid if place.process else None,
                since=place.since,
                port=place.unit.port,
                exit_code=place.process.returncode if place.process else None,
                log=str(place.log),
                restarts=place.restarts,
            )
            for role, place in self._places.items()
            if isinstance(place.unit, Server)
        )

    def identities(self) -> dict[str, Identity]:
        """The servers that have not ended, by role."""
        return {
            role: place.identity
            for role, place in self._places.items()
            if isinstance(place.unit, Server) and place.identity and place.state in LIVING
        }

    def stop_signals(self) -> dict[str, int]:
        """What tells each server to end in an orderly way, by role."""
        return {
            role: int(place.unit.command.stop_signal)
            for role, place in self._places.items()
            if isinstance(place.unit, Server)
        }

    def own_pids(self) -> frozenset[int]:
        """The processes that this supervisor waits for itself."""
        return frozenset(place.process.pid for place in self._places.values() if place.process)

    async def start(self) -> None:
        """Bring everything up; a server that ends meanwhile, or a deadline, is an error."""
        ups = asyncio.ensure_future(self._bring_all_up())
        casualty = asyncio.ensure_future(self._casualties.get())
        try:
            await asyncio.wait([ups, casualty], return_when=asyncio.FIRST_COMPLETED)
            # A server that has ended explains why others fail.
            if casualty.done():
                raise casualty.result()
            await ups
            self._complete = True
        finally:
            casualty.cancel()
            ups.cancel()
            await asyncio.gather(ups, casualty, return_exceptions=True)

    async def stop(self) -> None:
        """End everything: each server after those that need it, the stubborn by force."""
        self._stopping = True
        tending = list(self._watchers)
        for task in tending:
            task.cancel()
        await asyncio.gather(*tending, return_exceptions=True)
        await asyncio.gather(*(self._take_down(place) for place in self._places.values()))
        leftovers = psutil.Process().children(recursive=True)
        for process in leftovers:
            with contextlib.suppress(psutil.Error):
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, leftovers, GRACE_SECONDS)

    async def _bring_all_up(self) -> None:
        await asyncio.gather(*(self._bring_up(place) for place in self._places.values()))

    async def _bring_up(self, place: Place) -> None:
        unit = place.unit
        for role in unit.needs:
            await self._places[role].ready.wait()
        begin = time.monotonic()
        self._enter(place, ProcessState.STARTING)
        try:
            async with asyncio.timeout(unit.deadline_seconds):
                if isinstance(unit, Server):
                    await self._start_server(place, unit)
                    self._enter(place, ProcessState.RUNNING)
                else:
                    await self._perform(place, unit)
                    self._enter(place, ProcessState.DONE)
        except TimeoutError:
            what = f"{unit.role} was not ready within {unit.deadline_seconds:.0f} s"
            raise _failure(what, place.log) from None
        place.ready.set()
        self._progress(f"{unit.role} ready ({time.monotonic() - begin:.1f} s)")

    async def _start_server(self, place: Place, unit: Server) -> None:
        await self._spawn(place, unit.command)
        watcher = asyncio.create_task(self._tend(place, unit))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)
        await _healthy(place, unit)

    async def _perform(self, place: Place, task: Task) -> None:
        try:
            await task.work(partial(self._run_to_end, place))
        except (OSError, TimeoutError, DeploymentError, asyncio.CancelledError):
            raise
        # Whatever a client library raises, the reader is told which step it was.
        except Exception as problem:
            raise _failure(f"{task.role} failed: {problem}", place.log) from problem

    async def _run_to_end(self, place: Place, command: Command) -> None:
        process = await self._spawn(place, command)
        try:
            await process.communicate(command.stdin.encode() if command.stdin else None)
        finally:
            if process.returncode is None:
                processes.kill(process.pid)
                await process.wait()
        if process.returncode != 0:
            raise _failure(f"{place.unit.role} failed ({ending(process.returncode)})", place.log)

    async def _spawn(self, place: Place, command: Command) -> asyncio.subprocess.Process:
        account = command.account
        user = (account.uid, account.gid) if account else (guard.KEEP_USER, guard.KEEP_USER)
        file_size = self._restraints.file_size(place.unit.role)
        numbers = (os.getpid(), int(command.stop_signal), *user, file_size)
        disk = self._restraints.disk(place.unit.role)
        with place.log.open("ab") as log:
            place.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", guard.__file__, *map(str, numbers)),
                *(str(disk) if disk.exists() else "", str(command.data or "")),
                *command.arguments,
                stdin=asyncio.subprocess.PIPE if command.stdin else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=command.folder,
                env={"LANG": "C.UTF-8", "PATH": os.defpath, "HOME": str(command.folder)}
                | dict(command.environment),
                start_new_session=True,
            )
        place.identity = Identity.of(place.process.pid)
        place.since = time.time()
        self._changed()
        return place.process

    async def _tend(self, place: Place, unit: Server) -> None:
        """Note how it ends; once everything has been up, start it again, whatever the reason."""
        assert place.process is not None  # noqa: S101 - it was spawned a line ago
        while True:
            code = await place.process.wait()
            place.ended.set()
            self._enter(place, ProcessState.DIED)
            if not self._complete:
                what = f"{unit.role} ended while the deployment was starting ({ending(code)})"
                self._casualties.put_nowait(_failure(what, place.log))
                return
            if unit.port is not None:
                self._end_orphans(place.process.pid)
            await self._rest(place)
            await self._revive(place, unit)

    def _end_orphans(self, group: int) -> None:
        """Children that have outlived a server would keep its port from the next one."""
        own = self.own_pids()
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if child.pid not in own and os.getpgid(child.pid) == group:
                    child.kill()

    async def _rest(self, place: Place) -> None:
        """Wait before the next start: for a moment, and for as long as the role is held."""
        if time.time() - (place.since or 0.0) > STABLE_SECONDS:
            place.pause_seconds = FIRST_PAUSE_SECONDS
        due = time.monotonic() + place.pause_seconds
        place.pause_seconds = min(place.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        while (held := self._restraints.is_held(place.unit.role)) or time.monotonic() < due:
            if held:
                # It was ended on purpose: whoever lets go of it wants it at once.
                due, place.pause_seconds = 0.0, FIRST_PAUSE_SECONDS
            state = ProcessState.STOPPED if held else ProcessState.DIED
            if place.state is not state:
                self._enter(place, state)
            await asyncio.sleep(POLL_SECONDS)

    async def _revive(self, place: Place, unit: Server) -> None:
        """Start it again and stay until it ends."""
        place.restarts += 1
        self._enter(place, ProcessState.STARTING)
        try:
            process = await self._spawn(place, self._releases.applied(unit.role, unit.command))
        except OSError:
            # The machine lacks something now; the next attempt may find it.
            return
        place.ended.clear()
        announcing = asyncio.create_task(self._announce(place, unit))
        try:
            await process.wait()
        finally:
            announcing.cancel()

    async def _announce(self, place: Place, unit: Server) -> None:
        await _healthy(place, unit)
        self._enter(place, ProcessState.RUNNING)

    async def _take_down(self, place: Place) -> None:
        for other in self._places.values():
            if place.unit.role in other.unit.needs:
                await other.ended.wait()
        if isinstance(place.unit, Server) and place.process and place.process.returncode is None:
            await self._end(place.process, place.unit.command)
            self._progress(f"{place.unit.role} stopped")
        if place.state in LIVING:
            self._enter(place, ProcessState.STOPPED)
        place.ended.set()

    async def _end(self, process: asyncio.subprocess.Process, command: Command) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(command.stop_signal)
        # What is paused would hear of it when it goes on.
        processes.wake(process.pid)
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await process.wait()
        except TimeoutError:
            processes.kill(process.pid)
            await process.wait()

    def _enter(self, place: Place, state: ProcessState) -> None:
        place.state = state
        self._changed()


async def _healthy(place: Place, unit: Server) -> None:
    """Return once it answers; never when it has ended."""
    # Nothing tells us when a server is ready: it has to be asked.
    while not await unit.healthy() or place.ended.is_set():  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)


def _failure(what: str, log: Path) -> DeploymentError:
    lines = tail(log)
    return DeploymentError(f"{what}\n{lines}" if lines else what)
