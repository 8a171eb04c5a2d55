"""Keeps child processes running: restarts the dead, stops all together, leaves none behind."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

STOP_LIMIT_S = 60.0
FIRST_BACKOFF_S = 0.2
MAX_BACKOFF_S = 5.0
STABLE_AFTER_S = 10.0
"""A child that lived this long was healthy: its next restart is immediate again."""

_SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

log = structlog.get_logger("supervisor")


@dataclass
class Child:
    """One place among the children, filled by one process after another."""

    name: str
    run: Callable[[int], None]
    """The body of a process; it is told its generation, counted from one."""
    generation: int = 0
    pid: int = 0
    started_at: float = 0.0
    start_due: float = 0.0
    backoff_s: float = FIRST_BACKOFF_S


@dataclass
class Supervisor:
    """Runs children until told to stop."""

    children: Sequence[Child]
    _stopping: bool = field(default=False, init=False)
    _stop_by: float = field(default=0.0, init=False)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns when the last child is gone."""
        # Blocked and waited for, not handled: no handler can interrupt the loop half way.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        fate = _SharedFate()
        os.register_at_fork(before=fate.before_fork, after_in_child=fate.after_fork)
        while not (self._stopping and not any(child.pid for child in self.children)):
            self._start_due()
            received = signal.sigtimedwait(_SIGNALS, self._patience())
            if received and received.si_signo != signal.SIGCHLD:
                self._stop()
            self._reap()
            self._enforce_stop()
        log.info("stopped")
        return 0

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if not self._stopping and not child.pid and child.start_due <= now:
                child.started_at = now
                child.generation += 1
                child.pid = _fork(child)
                log.info("started", child=child.name, pid=child.pid)

    def _patience(self) -> float:
        waiting = [child.start_due for child in self.children if not child.pid]
        if self._stopping or not waiting:
            return 1.0
        return min(1.0, max(0.01, min(waiting) - time.monotonic()))

    def _reap(self) -> None:
        for child in self.children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                self._note_death(child)

    def _note_death(self, child: Child) -> None:
        now = time.monotonic()
        log.log(20 if self._stopping else 30, "ended", child=child.name, pid=child.pid)
        if now - child.started_at > STABLE_AFTER_S:
            child.backoff_s = FIRST_BACKOFF_S
        child.pid = 0
        # Always, whatever the exit code: a worker that gave up on Redis leaves with 0.
        child.start_due = now + child.backoff_s
        child.backoff_s = min(child.backoff_s * 2, MAX_BACKOFF_S)

    def _stop(self) -> None:
        if self._stopping:
            return
        log.info("stopping")
        self._stopping, self._stop_by = True, time.monotonic() + STOP_LIMIT_S
        self._signal_all(signal.SIGTERM)

    def _enforce_stop(self) -> None:
        if self._stopping and time.monotonic() > self._stop_by:
            self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.pid:
                os.kill(child.pid, number)


def _fork(child: Child) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        structlog.contextvars.bind_contextvars(child=child.name)
        child.run(child.generation)
        code = 0
    # The boundary of the process: whatever happened is logged, and the supervisor starts anew.
    except Exception:
        log.exception("child_failed")
    finally:
        sys.stderr.flush()
        os._exit(code)


class _SharedFate:
    """Makes the kernel kill every process forked from here on together with its parent.

    Workers, their work horses and the scheduler alike: none outlives a killed supervisor.
    """

    def __init__(self) -> None:
        self._parent_pid = 0

    def before_fork(self) -> None:
        self._parent_pid = os.getpid()

    def after_fork(self) -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have died before the line above; nobody would tell this process then.
        if os.getppid() != self._parent_pid:
            os._exit(1)
