"""A power cut under one server, without one: its data lie on a file system of their own, which the
kernel then gives up without writing what it still had in memory.

Killing a server cannot show what it had not written to the disk: the kernel would write it later.
"""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from golive.adapters.native import processes
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.control.roles import ServerRole
from golive.errors import DeploymentError

# Of linux/fs.h and ext4: shut down at once, without writing the journal.
EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2
CAP_SYS_ADMIN = 21
PROGRAMS = ("mkfs.ext4", "mount", "losetup", "unshare", "truncate", "cp")
# A file of holes: it takes as much as is written to it.
DISK_BYTES = 4 * 1024**3
COPY_SECONDS = 60
RECOVER = 'mount -n -o loop "$0" "$1" && cp -a "$1/." "$2" && rm -rf "$2/lost+found"'


def _leave(_data: Path) -> None:
    """What is left is good enough."""


@dataclass(frozen=True)
class Powered:
    """One server of a deployment, the folder of its data, and what an administrator would have to
    do with what is left of them.
    """

    deployed: Deployed
    role: str
    data: Path
    repair: Callable[[Path], None] = _leave

    def move_to_disk(self) -> None:
        """Start it again on a disk whose power can be cut."""
        disk = self.deployed.restraints.disk(self.role)
        server = ServerRole(self.deployed, self.role)
        if disk.exists():
            return
        self.deployed.restraints.hold(self.role)
        try:
            server.terminate()
            self.data.mkdir(mode=0o700, exist_ok=True)
            disk.parent.mkdir(exist_ok=True)
            unfinished = disk.with_suffix(".new")
            _run("truncate", "--size", str(DISK_BYTES), str(unfinished))
            _run("mkfs.ext4", "-q", "-F", "-m", "0", "-d", str(self.data), str(unfinished))
            unfinished.rename(disk)
        finally:
            server.start()

    def cut(self) -> None:
        """Cut the power, start it again on what is left, in its old place."""
        disk = self.deployed.restraints.disk(self.role)
        server = ServerRole(self.deployed, self.role)
        if disk.exists():
            self.deployed.restraints.hold(self.role)
            self._shut_down()
            server.kill()
            await_true(lambda: not _is_attached(disk), f"{disk} is let go")
            self._recover(disk)
        server.start()

    def _shut_down(self) -> None:
        living = self.deployed.living(self.role)
        if living is None:
            return
        # As the server sees it: nobody else sees that file system.
        inside = Path(f"/proc/{living.pid}/root{self.data}")
        tree = processes.family(living.pid)
        descriptor = os.open(inside, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(descriptor)
        for process in tree:
            processes.end(process)

    def _recover(self, disk: Path) -> None:
        old = self.data.with_name(f"{self.data.name}.old")
        if not self.data.exists():
            # Killed half way, the time before.
            old.rename(self.data)
        before = self.data.stat()
        recovered = self.data.with_name(f"{self.data.name}.recovered")
        mounted = disk.with_name("mounted")
        shutil.rmtree(recovered, ignore_errors=True)
        for folder in (recovered, mounted):
            folder.mkdir(exist_ok=True)
        words = ("unshare", "--mount", "--propagation", "private", "sh", "-c", RECOVER)
        _run(*words, str(disk), str(mounted), str(recovered))
        os.chown(recovered, before.st_uid, before.st_gid)
        recovered.chmod(before.st_mode & 0o777)
        shutil.rmtree(old, ignore_errors=True)
        self.repair(recovered)
        self.data.rename(old)
        recovered.rename(self.data)
        disk.unlink()
        shutil.rmtree(old)


def is_possible() -> bool:
    """Whether this machine lets us mount file systems of files."""
    status = Path("/proc/self/status").read_text()
    granted = int(status.partition("CapEff:")[2].split()[0], 16)
    has_programs = all(map(shutil.which, PROGRAMS))
    return bool(granted >> CAP_SYS_ADMIN & 1) and has_programs and os.access("/dev/loop0", os.W_OK)


def _is_attached(disk: Path) -> bool:
    return bool(_run("losetup", "--associated", str(disk)).strip())


def _run(*words: str) -> str:
    ran = subprocess.run(words, capture_output=True, text=True, timeout=COPY_SECONDS, check=False)
    if ran.returncode != 0:
        raise DeploymentError(f"{words[0]} failed: {ran.stderr.strip()}")
    return ran.stdout
