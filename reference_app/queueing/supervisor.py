"""Keeps child processes running: restarts the dead, stops all together, leaves none behind.

How many it keeps of each kind may change meanwhile: a child of its own sends it orders.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

STOP_LIMIT_S = 60.0
FIRST_BACKOFF_S = 0.2
MAX_BACKOFF_S = 1.5
"""Short, since most often it is Redis that is away, and its return must not be waited out."""
STABLE_AFTER_S = 10.0
"""A child that lived this long was healthy: its next restart is immediate again."""

_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
_SIGNALS = {signal.SIGCHLD, *_STOP_SIGNALS}
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_libc = ctypes.CDLL(None, use_errno=True)

log = structlog.get_logger("supervisor")


@dataclass
class Child:
    """One place among the children, filled by one process after another."""

    name: str
    run: Callable[[int], None]
    """The body of a process; it is told its generation, counted from one."""
    kind: str = ""
    """What orders are about; children of a kind are alike."""
    group: str = ""
    """Kinds that share a limit."""
    wanted: bool = True
    told_to_stop: bool = False
    generation: int = 0
    pid: int = 0
    started_at: float = 0.0
    start_due: float = 0.0
    backoff_s: float = FIRST_BACKOFF_S


@dataclass(frozen=True)
class Orders:
    """How many children of each kind there shall be, and whether all shall end."""

    sizes: Mapping[str, int]
    terminate: bool = False


@dataclass
class Supervisor:
    """Runs children until told to stop."""

    children: Sequence[Child]
    limits: Mapping[str, int] = field(default_factory=dict)
    """Most processes of a group at a time, those that are about to leave included."""
    orders: Callable[[], Orders | None] = lambda: None
    """Never blocks; None when nothing has changed."""
    _stopping: bool = field(default=False, init=False)
    _stop_by: float = field(default=0.0, init=False)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns when the last child is gone."""
        # Blocked and waited for, not handled: no handler can interrupt the loop half way.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        fate = _SharedFate()
        os.register_at_fork(before=fate.before_fork, after_in_child=fate.after_fork)
        while not (self._stopping and not any(child.pid for child in self.children)):
            self._obey(self.orders())
            self._start_due()
            received = signal.sigtimedwait(_SIGNALS, self._patience())
            # A pause of this process that outlasts the patience makes up a signal of no number.
            if received and received.si_signo in _STOP_SIGNALS:
                self._stop()
            self._reap()
            self._enforce_stop()
        log.info("stopped")
        return 0

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if self._may_start(child) and child.start_due <= now:
                child.started_at = now
                child.told_to_stop = False
                child.generation += 1
                child.pid = _fork(child)
                log.info("started", child=child.name, pid=child.pid)

    def _obey(self, orders: Orders | None) -> None:
        if orders is None:
            return
        for kind, size in orders.sizes.items():
            alike = [child for child in self.children if child.kind == kind]
            for place, child in enumerate(alike):
                child.wanted = place < size
                if not child.wanted:
                    _tell_to_stop(child)
        if orders.terminate:
            self._stop()

    def _may_start(self, child: Child) -> bool:
        if self._stopping or child.pid or not child.wanted:
            return False
        limit = self.limits.get(child.group)
        return limit is None or limit > sum(
            1 for other in self.children if other.pid and other.group == child.group
        )

    def _patience(self) -> float:
        waiting = [child.start_due for child in self.children if self._may_start(child)]
        if self._stopping or not waiting:
            return 1.0
        return min(1.0, max(0.01, min(waiting) - time.monotonic()))

    def _reap(self) -> None:
        for child in self.children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                self._note_death(child)

    def _note_death(self, child: Child) -> None:
        now = time.monotonic()
        expected = self._stopping or child.told_to_stop
        log.log(20 if expected else 30, "ended", child=child.name, pid=child.pid)
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
        for child in self.children:
            _tell_to_stop(child)

    def _enforce_stop(self) -> None:
        if self._stopping and time.monotonic() > self._stop_by:
            for child in self.children:
                if child.pid:
                    os.kill(child.pid, signal.SIGKILL)


def _tell_to_stop(child: Child) -> None:
    # Once: RQ takes a second SIGTERM as an order to drop the running job.
    if child.pid and not child.told_to_stop:
        child.told_to_stop = True
        os.kill(child.pid, signal.SIGTERM)


def _fork(child: Child) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # What `ps` and `top` show; the kernel keeps the first 15 bytes.
        _libc.prctl(_PR_SET_NAME, child.name.encode())
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
