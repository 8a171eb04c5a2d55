"""Becomes a server that the kernel stops when the keeper dies, however it dies.

Run as `python -I -S guard.py PARENT_PID SIGNAL UID GID FILE_SIZE DISK DATA PROGRAM ARGUMENT…`; UID
-1 keeps the user, FILE_SIZE -1 lets it write files of any size, and an empty DISK leaves its data
where they are.
Standard library only and no import of golive: this runs once for every server, before it.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWNS = 0x20000
MS_PRIVATE_ALL = 0x44000
NUMBERS = 5
KEEP_USER = -1
# What a shell says for "found, but cannot be run".
CANNOT_RUN = 126


def become(parent_pid: int, stop_signal: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by the server; returns only if the parent is gone already."""
    if uid != KEEP_USER:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid: a change of user clears it.
    die_with_parent(stop_signal)
    if os.getppid() != parent_pid:
        return
    # Python ignores these, and what is ignored stays so in the program that takes over. SIGXFSZ is
    # left ignored: a write beyond a limit is to fail, as on a full disk, and to kill nobody.
    for number in (signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606 - a shell would be the one that is signalled


def mount(disk: str, data: str) -> None:
    """Put a file system of a file over the data, for this process and what it becomes alone: with
    the last of them the kernel takes it away.
    """
    owner = os.stat(data)  # noqa: PTH116 - pathlib takes longer to load than all of this
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) or libc.mount(None, b"/", None, MS_PRIVATE_ALL, None):
        raise OSError(ctypes.get_errno(), "a mount namespace")
    if os.spawnlp(os.P_WAIT, "mount", "mount", "-n", "-o", "loop", disk, data):  # noqa: S606
        raise OSError(0, f"{disk} cannot be mounted")
    os.chown(data, owner.st_uid, owner.st_gid)
    os.chmod(data, owner.st_mode & 0o777)  # noqa: PTH101 - see above


def limit_files(size_bytes: int) -> None:
    """Let this process, and what it becomes, write no file beyond a size."""
    if size_bytes != resource.RLIM_INFINITY:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))


def die_with_parent(stop_signal: int) -> None:
    """Have the kernel send the signal to this process when the thread that made it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(arguments: list[str]) -> int:
    """Read the command line and become the server."""
    parent_pid, stop_signal, uid, gid, file_size = map(int, arguments[:NUMBERS])
    disk, data, *command = arguments[NUMBERS:]
    try:
        if disk:
            mount(disk, data)
        limit_files(file_size)
        become(parent_pid, stop_signal, uid, gid, command)
    except OSError as problem:
        sys.stderr.write(f"cannot run {command[0]}: {problem}\n")
    return CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
