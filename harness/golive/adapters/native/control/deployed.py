"""A running deployment as an administrator finds it: what its keeper wrote, and its passwords."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from golive.adapters.native import credentials
from golive.adapters.native.credentials import Credentials
from golive.adapters.native.processes import Identity
from golive.adapters.native.restraints import Restraints
from golive.adapters.native.state import Snapshot, read_snapshot
from golive.errors import DeploymentError
from golive.model.deployment import ProcessState, ServerProcess

POLL_SECONDS = 0.03
# A start's own deadline is the same; a loaded machine and a recovery come on top.
BACK_SECONDS = 60.0


@dataclass(frozen=True)
class Deployed:
    """One deployment by its folder; everything is read anew, since servers come and go."""

    folder: Path

    def snapshot(self) -> Snapshot:
        """What its keeper says now."""
        snapshot = read_snapshot(self.folder)
        if snapshot is None:
            raise DeploymentError(
                f"{self.folder} holds no deployment", remedy="See: golive ps --json"
            )
        return snapshot

    @cached_property
    def credentials(self) -> Credentials:
        """Its passwords."""
        return credentials.load(self.folder)

    def server(self, role: str) -> ServerProcess:
        """What the keeper says of a server."""
        snapshot = self.snapshot()
        found = snapshot.deployment.process(role)
        if found is None:
            known = ", ".join(one.role for one in snapshot.deployment.processes)
            raise DeploymentError(f"there is no server {role}", remedy=f"There are: {known}")
        return found

    def living(self, role: str) -> Identity | None:
        """The server's process, if it lives."""
        identity = self.snapshot().servers.get(role)
        return identity if identity and identity.alive() else None

    def is_running(self, role: str) -> bool:
        """Whether it lives, and has answered since it was started."""
        return self.server(role).state is ProcessState.RUNNING and self.living(role) is not None

    def await_running(self, role: str) -> None:
        """Wait until it is; an error if it takes too long."""
        await_true(lambda: self.is_running(role), f"{role} runs; see {self.server(role).log}")

    @property
    def restraints(self) -> Restraints:
        """What its keeper is told about servers."""
        return Restraints(self.folder)

    def limit(self, role: str, size_bytes: int) -> None:
        """Let a server write no file beyond a size, now and whenever it is started again."""
        self.restraints.limit(role, size_bytes)
        self._apply(role)

    def lift(self, role: str) -> None:
        """Let it write again."""
        self.restraints.lift(role)
        self._apply(role)

    def _apply(self, role: str) -> None:
        if living := self.living(role):
            self.restraints.apply(role, living.pid)


def await_true(
    condition: Callable[[], bool], what: str, poll_seconds: float = POLL_SECONDS
) -> None:
    """Wait until it holds; an error that says what did not happen."""
    deadline = time.monotonic() + BACK_SECONDS
    # Nothing tells us: it has to be asked.
    while not condition():
        if time.monotonic() > deadline:
            raise DeploymentError(f"waited {BACK_SECONDS:.0f} s in vain until {what}")
        time.sleep(poll_seconds)
