"""A generating process: `python -m golive.adapters.load.engine`, with its order on stdin.

It tells a beat each second, a line of JSON on stdout. It alone imports Locust, which patches the
standard library. When its stdin is closed, golive is gone, and it ends.
"""

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - nothing may be imported before it is patched
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.runners import STATE_MISSING, LocalRunner, MasterRunner, WorkerRunner

from golive.adapters.load.order import STOP, Order, order_of
from golive.adapters.load.pacer import Pacer, Sender, Share
from golive.adapters.load.tally import Tally

Tell = Callable[[dict[str, Any]], None]

LOOPBACK = "127.0.0.1"
BEAT_SECONDS = 1.0
LOOK_SECONDS = 0.25
START_SECONDS = 0.5
RESHARE_SECONDS = 1.0
CONNECT_SECONDS = 30.0
SPARE_SECONDS = 10.0
STDIN = 0


class Role(Protocol):
    """The part that a process takes."""

    def run(self) -> None:
        """Take it."""

    def stop(self) -> None:
        """Let nothing more be sent."""


def main() -> None:
    """Do what the order says."""
    # Without a buffer, so that nothing after the first line is swallowed.
    with open(STDIN, "rb", buffering=0, closefd=False) as stdin:
        order = order_of(stdin.readline())
    roles: dict[str, Callable[[Order], Role]] = {"alone": Alone, "master": Master, "worker": Worker}
    role = roles[order.role](order)
    gevent.spawn(_obey, role)
    # Whatever was imported stays: there is no need to look at it again in each collection.
    gc.collect()
    gc.freeze()
    role.run()
    sys.stdout.flush()
    # A thread still waits for stdin; nothing else is left to do.
    os._exit(0)


def _obey(role: Role) -> None:
    """Stop when told to; end at once where nobody is there any more."""
    while told := gevent.get_hub().threadpool.apply(os.read, (STDIN, len(STOP))):
        if told == STOP:
            role.stop()
    os._exit(1)


def _tell(beat: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(beat) + "\n")
    sys.stdout.flush()


def _user_class(pacer: Pacer | None, count: int) -> type[User]:
    """The one user of a process, as Locust wants it: its task keeps the schedule."""

    class Schedule(User):
        """Keeps the schedule of its process."""

        fixed_count = count

        @task
        def keep(self) -> None:
            """Send what is due."""
            if pacer is not None:
                pacer.keep()

    return Schedule


class _Generator:
    """What every process does that makes load."""

    def __init__(self, order: Order, name: str) -> None:
        self._order = order
        self._name = name
        self._tally = Tally(order.plan.timeout_seconds)
        self._pacer = Pacer(order, self._tally, Sender(order, self._tally, self._fire))
        self._environment = Environment(
            user_classes=[_user_class(self._pacer, order.workers)], events=events
        )

    def stop(self) -> None:
        """Send no more."""
        self._pacer.stop()

    def _fire(self, name: str, milliseconds: float, length: int, problem: str) -> None:
        self._environment.events.request.fire(  # type: ignore[no-untyped-call]
            request_type="POST",
            name=name,
            response_time=milliseconds,
            response_length=length,
            exception=RuntimeError(problem) if problem else None,
            context={},
        )

    def _beat(self, *, last: bool = False) -> dict[str, Any]:
        pacer, runner = self._pacer, self._environment.runner
        beat = self._tally.beat(pacer.elapsed, last=last)
        cpu = runner.current_cpu_usage if runner else 0.0
        return {"worker": self._name, "in_flight": pacer.in_flight, "cpu_percent": cpu, **beat}

    def _until_done(self, tell: Tell) -> None:
        beating = gevent.spawn(self._beat_on, tell)
        self._pacer.done.wait()
        self._pacer.drain()
        beating.kill()
        tell(self._beat(last=True))

    def _beat_on(self, tell: Tell) -> None:
        while True:
            gevent.sleep(BEAT_SECONDS)
            tell(self._beat())


class Alone(_Generator):
    """The only generating process."""

    def __init__(self, order: Order) -> None:
        super().__init__(order, "alone")
        self._runner: LocalRunner = self._environment.create_local_runner()

    def run(self) -> None:
        """Make the load."""
        self._pacer.share(Share(0.0, 0, 1), time.time() + START_SECONDS)
        self._runner.start(1, spawn_rate=1)
        self._until_done(_tell)


class Worker(_Generator):
    """One of several generating processes."""

    def __init__(self, order: Order) -> None:
        super().__init__(order, f"worker {os.getpid()}")
        self._runner: WorkerRunner = self._environment.create_worker_runner(LOOPBACK, order.port)
        self._runner.register_message("share", self._shared)
        self._runner.register_message("halt", self._halted)

    def run(self) -> None:
        """Make a share of the load."""
        self._until_done(self._send)
        # The master says when this process ends.
        self._runner.greenlet.join()

    def _send(self, beat: dict[str, Any]) -> None:
        self._runner.send_message("beat", beat)

    def _shared(self, msg: Message, **_more: Any) -> None:
        share = Share(msg.data["from"], msg.data["index"], msg.data["workers"])
        self._pacer.share(share, msg.data["start"])

    def _halted(self, **_more: Any) -> None:
        self._pacer.stop()


class Master:
    """Tells the others their shares, and passes on what they tell."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._environment = Environment(
            user_classes=[_user_class(None, order.workers)], events=events
        )
        self._runner: MasterRunner = self._environment.create_master_runner(LOOPBACK, order.port)
        self._runner.register_message("beat", self._told)
        self._done: set[str] = set()
        self._start = 0.0

    def run(self) -> None:
        """Let the others make the load."""
        with gevent.Timeout(CONNECT_SECONDS):
            while self._runner.worker_count < self._order.workers:
                gevent.sleep(LOOK_SECONDS)
        self._start = time.time() + START_SECONDS + RESHARE_SECONDS
        present = self._present()
        self._share(present, 0.0)
        self._runner.start(self._order.workers, spawn_rate=self._order.workers)
        plan = self._order.plan
        end = self._start + plan.seconds + plan.timeout_seconds + SPARE_SECONDS
        while not self._done.issuperset(present) and time.time() < end:
            gevent.sleep(LOOK_SECONDS)
            now = self._present()
            if now != present and not self._done:
                present = now
                self._share(present, time.time() - self._start + RESHARE_SECONDS)
            present = now
        self._runner.quit()

    def stop(self) -> None:
        """Let nobody send any more."""
        self._runner.send_message("halt")

    def _present(self) -> list[str]:
        clients = self._runner.clients
        return sorted(name for name, one in clients.items() if one.state != STATE_MISSING)

    def _share(self, present: list[str], from_seconds: float) -> None:
        for index, name in enumerate(present):
            share = {"index": index, "workers": len(present), "from": from_seconds}
            self._runner.send_message("share", {**share, "start": self._start}, name)

    def _told(self, msg: Message, **_more: Any) -> None:
        _tell(msg.data)
        if msg.data["last"]:
            self._done.add(msg.node_id)


if __name__ == "__main__":
    main()
