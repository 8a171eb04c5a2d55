"""What drills keep a server from: being started, writing beyond a size, a disk that lasts. Files in
the deployment's folder say so, since whoever orders it is gone while it holds.
"""

import contextlib
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from golive.adapters.native import processes

HOLDS = "holds"
LIMITS = "limits"
DISKS = "disks"
PROGRAM = "prlimit"


@dataclass(frozen=True)
class Restraints:
    """Those of one deployment, by its folder."""

    folder: Path

    def hold(self, role: str) -> None:
        """Keep the role from being started again."""
        self._file(HOLDS, role).touch()

    def release(self, role: str) -> None:
        """Let it be started again."""
        self._file(HOLDS, role).unlink(missing_ok=True)

    def is_held(self, role: str) -> bool:
        """Whether it is to stay down."""
        return (self.folder / HOLDS / role).exists()

    def limit(self, role: str, size_bytes: int) -> None:
        """Let the role write no file beyond a size, from its next start on."""
        self._file(LIMITS, role).write_text(str(size_bytes))

    def lift(self, role: str) -> None:
        """Let it write again, from its next start on."""
        self._file(LIMITS, role).unlink(missing_ok=True)

    def file_size(self, role: str) -> int:
        """The largest file that the role may write, in bytes."""
        try:
            return int((self.folder / LIMITS / role).read_text())
        except FileNotFoundError:
            return resource.RLIM_INFINITY

    def apply(self, role: str, pid: int) -> None:
        """Have that hold for a process and all below it, now."""
        size_bytes = self.file_size(role)
        word = "unlimited" if size_bytes == resource.RLIM_INFINITY else str(size_bytes)
        # The eldest first: what is born from now on inherits it.
        for process in processes.family(pid):
            with contextlib.suppress(psutil.Error):
                _limit(process, word)

    def disk(self, role: str) -> Path:
        """The image of the file system that the role's data lie on, where there is one."""
        return self.folder / DISKS / role

    def clear(self) -> None:
        """Forget all of them but the disks, which hold data."""
        for kind in (HOLDS, LIMITS):
            shutil.rmtree(self.folder / kind, ignore_errors=True)

    def _file(self, kind: str, role: str) -> Path:
        folder = self.folder / kind
        folder.mkdir(exist_ok=True)
        return folder / role


def can_limit() -> bool:
    """Whether this machine has what limits a process that runs."""
    return shutil.which(PROGRAM) is not None


def _limit(process: psutil.Process, word: str) -> None:
    # The kernel lets the process' own user do it; root only with a right that containers lack.
    uid, gid = process.uids().real, process.gids().real
    foreign = uid != os.geteuid()
    subprocess.run(
        [PROGRAM, "--pid", str(process.pid), f"--fsize={word}:"],
        capture_output=True,
        # It may have ended meanwhile.
        check=False,
        user=uid if foreign else None,
        group=gid if foreign else None,
        extra_groups=[] if foreign else None,
    )
