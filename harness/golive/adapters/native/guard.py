"""Becomes a server that the kernel stops when the keeper dies, however it dies.

Run as `python -I -S guard.py PARENT_PID SIGNAL UID GID FILE_SIZE PROGRAM ARGUMENT…`; UID -1 keeps
the user, FILE_SIZE -1 lets it write files of any size.
Standard library only and no import of golive: this runs once for every server, before it.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
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
    parent_pid, stop_signal, uid, gid, file_size = (int(word) for word in arguments[:5])
    try:
        limit_files(file_size)
        become(parent_pid, stop_signal, uid, gid, arguments[5:])
    except OSError as problem:
        sys.stderr.write(f"cannot run {arguments[5]}: {problem}\n")
    return CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
