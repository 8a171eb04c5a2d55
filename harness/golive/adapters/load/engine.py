"""A generating process: `python -m golive.adapters.load.engine`, with its post on stdin.

It tells a beat each second, a line of JSON on stdout, and when a load is over. It alone imports
Locust, which patches the standard library. When its stdin is closed, golive is gone, and it ends.
"""

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402 - nothing may be imported before it is patched
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Protocol

import gevent
from gevent.event import Event
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.rpc.protocol import Message
from locust.runners import MASTER_HEARTBEAT_TIMEOUT, LocalRunner, Runner, WorkerRunner

from golive.adapters.load.children import bare_server
from golive.adapters.load.curve import secure
from golive.adapters.load.master import START_SECONDS, Master, Tell, tell
from golive.adapters.load.order import STOP, Order, Post, order_of, post_of
from golive.adapters.load.pacer import Pacer, Sender, Share
from golive.adapters.load.priority import go_first
from golive.adapters.load.tally import Tally

BEAT_SECONDS = 1.0
GOODBYE_SECONDS = 0.2
STDIN = 0
CHUNK_BYTES = 65_536
NO_MASTER = 2


class Role(Protocol):
    """The part that a process takes."""

    def take(self, order: Order) -> None:
        """Make a load."""

    def run(self) -> None:
        """Do so until there is nothing more to do."""

    def stop(self) -> None:
        """Let nothing more be sent."""

    def leave(self) -> None:
        """Say goodbye to the others."""


def main() -> None:
    """Take the post that the first line says."""
    lines = _lines()
    post = post_of(next(lines))
    if post.role != "alone":
        secure(post.secret)
    roles: dict[str, Callable[[Post], Role]] = {"alone": Alone, "master": Master, "worker": Worker}
    role = roles[post.role](post)
    go_first()
    gevent.spawn(_obey, role, lines)
    # Whatever was imported stays: there is no need to look at it again in each collection.
    gc.collect()
    gc.freeze()
    role.run()
    sys.stdout.flush()
    # A thread still waits for stdin; nothing else is left to do.
    os._exit(0)


def _lines() -> Iterator[bytes]:
    """The lines of stdin; other greenlets run meanwhile."""
    rest = b""
    while told := gevent.get_hub().threadpool.apply(os.read, (STDIN, CHUNK_BYTES)):
        *lines, rest = (rest + told).split(b"\n")
        yield from lines


def _obey(role: Role, lines: Iterator[bytes]) -> None:
    """Do what is said; end where nobody is there any more."""
    for line in lines:
        if line == STOP.strip():
            role.stop()
        else:
            role.take(order_of(line))
    role.leave()
    os._exit(1)


class _Making:
    """One load, as far as this process makes it."""

    def __init__(self, order: Order, name: str, runner: Runner) -> None:
        self._open = ExitStack()
        if not order.url:
            order = replace(order, url=self._open.enter_context(bare_server()))
        self.number = order.number
        self._name = name
        self._runner = runner
        self._tally = Tally(order.plan.timeout_seconds)
        self.pacer = Pacer(order, self._tally, Sender(order, self._tally))

    def beat(self, *, last: bool = False) -> dict[str, Any]:
        """What to tell of it now."""
        return {
            "number": self.number,
            "worker": self._name,
            "in_flight": self.pacer.in_flight,
            "cpu_percent": self._runner.current_cpu_usage,
            **self._tally.beat(self.pacer.elapsed, last=last),
        }

    def until_done(self, say: Tell) -> None:
        """Tell how it goes on until there is nothing more to tell."""
        self._runner.spawn_users({"Schedule": 1})
        beating = gevent.spawn(self._beat_on, say)
        self.pacer.done.wait()
        self.pacer.drain()
        beating.kill()
        say(self.beat(last=True))
        self._open.close()

    def _beat_on(self, say: Tell) -> None:
        while True:
            gevent.sleep(BEAT_SECONDS)
            say(self.beat())


class _Generator:
    """What every process does that makes load."""

    def __init__(self) -> None:
        self._making: _Making | None = None

    def stop(self) -> None:
        """Send no more."""
        if self._making is not None:
            self._making.pacer.stop()

    def _environment(self) -> Environment:
        """Locust's, whose one user keeps the schedule. It is not left to Locust which process has
        a user: it would move them when a worker comes or goes, and a schedule must not move.
        """

        class Schedule(User):
            """Keeps the schedule of its process."""

            @task
            def keep(schedule) -> None:  # noqa: N805 - `self` is the process
                """Send what is due."""
                if self._making is not None:
                    self._making.pacer.keep()
                raise StopUser

        return Environment(user_classes=[Schedule], events=events)


class Alone(_Generator):
    """The only generating process."""

    def __init__(self, _post: Post) -> None:
        super().__init__()
        self._runner: LocalRunner = self._environment().create_local_runner()
        self._taken = Event()

    def take(self, order: Order) -> None:
        """Make this load."""
        self._making = _Making(order, "alone", self._runner)
        self._taken.set()

    def run(self) -> None:
        """Make the load that is taken."""
        self._taken.wait()
        if self._making is not None:
            self._making.pacer.share(Share(0.0, 0, 1), START_SECONDS)
            self._making.until_done(tell)
            tell({"over": self._making.number, "workers": 1, "left": []})

    def leave(self) -> None:
        """There is nobody else."""


class Worker(_Generator):
    """One of several generating processes."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        with gevent.Timeout(post.join_seconds, False):
            self._runner: WorkerRunner = self._environment().create_worker_runner(
                post.host, post.port
            )
        if not hasattr(self, "_runner"):
            os._exit(NO_MASTER)
        tell({"joined": True})
        self._runner.register_message("order", self._ordered)
        self._runner.register_message("share", self._shared)
        self._runner.register_message("halt", self._halted)

    def take(self, order: Order) -> None:
        """Only a master gives orders to a worker."""

    def run(self) -> None:
        """Make shares of loads; the master says when there are no more."""
        self._runner.greenlet.join()
        silent_seconds = time.time() - (self._runner.last_heartbeat_timestamp or 0.0)
        tell({"dismissed": silent_seconds < MASTER_HEARTBEAT_TIMEOUT})

    def leave(self) -> None:
        """Send no more, and say what was measured."""
        self.stop()
        if self._making is not None:
            self._send({**self._making.beat(last=True), "leaving": True})
        environment = self._runner.environment
        environment.events.quitting.fire(  # type: ignore[no-untyped-call]
            environment=environment
        )
        gevent.sleep(GOODBYE_SECONDS)

    def _send(self, beat: dict[str, Any]) -> None:
        self._runner.send_message("beat", beat)

    def _ordered(self, msg: Message, **_more: Any) -> None:
        order = order_of(msg.data["order"])
        # The master has lost patience with what is still under way.
        self.stop()
        self._making = making = _Making(order, self._runner.client_id, self._runner)
        gevent.spawn(self._make, making, order)
        self._runner.send_message("ready", {"number": order.number})

    def _make(self, making: _Making, order: Order) -> None:
        tell({"begun": order.plan.seconds})
        making.until_done(self._send)

    def _shared(self, msg: Message, **_more: Any) -> None:
        share = Share(msg.data["from"], msg.data["index"], msg.data["workers"])
        if self._making is not None:
            self._making.pacer.share(share, msg.data["in"])

    def _halted(self, msg: Message, **_more: Any) -> None:
        if self._making is not None and self._making.number == msg.data["number"]:
            self.stop()


if __name__ == "__main__":
    main()
