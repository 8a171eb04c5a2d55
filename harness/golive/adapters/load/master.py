"""The process that shares a load out over workers, here or on other machines.

Belongs to generating processes. A worker that leaves, or falls silent for three seconds, is out
until the load is over: its part of what is due from then on goes to those who are left.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.queue import Queue
from locust import events
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.runners import STATE_MISSING, MasterRunner

from golive.adapters.load.order import Order, Post, line_of

Tell = Callable[[dict[str, Any]], None]

LOOK_SECONDS = 0.1
START_SECONDS = 0.5
READY_SECONDS = 15.0
RESHARE_SECONDS = 1.0
SPARE_SECONDS = 10.0


def tell(said: dict[str, Any]) -> None:
    """Say something to golive."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


class Master:
    """Tells the others what to do and their shares, and passes on what they tell."""

    def __init__(self, post: Post) -> None:
        self._orders: Queue[Order] = Queue()
        self._runner = MasterRunner(Environment(events=events), post.host, post.port)
        self._runner.register_message("ready", self._is_ready)
        self._runner.register_message("beat", self._told)
        self._number = -1
        self._ready: set[str] = set()
        self._done: set[str] = set()

    def take(self, order: Order) -> None:
        """Make a load, once those before it are over."""
        self._orders.put(order)

    def run(self) -> None:
        """Make one load after another."""
        gevent.spawn(self._count)
        for order in self._orders:
            self._make(order)

    def stop(self) -> None:
        """Let nobody send any more."""
        self._runner.send_message("halt", {"number": self._number})

    def leave(self) -> None:
        """Let everybody go home."""
        self._runner.quit()

    def _count(self) -> None:
        """Say how many are there, whenever that changes."""
        known = -1
        while True:
            if (now := len(self._present())) != known:
                tell({"present": now})
                known = now
            gevent.sleep(LOOK_SECONDS)

    def _make(self, order: Order) -> None:
        crew, unready = self._prepared(order)
        left = [(name, 0.0) for name in unready]
        start = time.monotonic() + START_SECONDS
        plan = order.plan
        end = start + plan.seconds + plan.timeout_seconds + SPARE_SECONDS
        self._share(crew, 0.0, start)
        there = list(crew)
        while there and not self._done.issuperset(there) and time.monotonic() < end:
            gevent.sleep(LOOK_SECONDS)
            gone = set(there).difference(self._present(), self._done)
            if gone:
                there = [name for name in there if name not in gone]
                left += [(name, round(time.monotonic() - start, 1)) for name in sorted(gone)]
                self._release(gone)
                self._share(there, time.monotonic() - start + RESHARE_SECONDS, start)
        tell({"over": order.number, "workers": len(crew) + len(unready), "left": left})

    def _prepared(self, order: Order) -> tuple[list[str], list[str]]:
        """Who takes part, having understood the order, and who has not."""
        self._number = order.number
        self._ready, self._done = set(), set()
        crew = self._present()
        for name in crew:
            self._runner.send_message("order", {"order": line_of(order).decode()}, name)
        patience = time.monotonic() + READY_SECONDS
        while not self._ready.issuperset(crew) and time.monotonic() < patience:
            gevent.sleep(LOOK_SECONDS)
        unready = [name for name in crew if name not in self._ready]
        return [name for name in crew if name in self._ready], unready

    def _present(self) -> list[str]:
        clients = self._runner.clients
        return sorted(name for name, one in clients.items() if one.state != STATE_MISSING)

    def _share(self, crew: list[str], from_seconds: float, start: float) -> None:
        """Tell everybody their part. Clocks of machines differ: the start is so far away."""
        for index, name in enumerate(crew):
            share = {"index": index, "workers": len(crew), "from": from_seconds}
            in_seconds = start - time.monotonic()
            self._runner.send_message(
                "share", {**share, "number": self._number, "in": in_seconds}, name
            )

    def _release(self, gone: set[str]) -> None:
        """Whoever was only silent must not send, when it wakes up, what others have sent."""
        for name in gone:
            self._runner.send_message("halt", {"number": self._number}, name)

    def _is_ready(self, msg: Message, **_more: Any) -> None:
        if msg.data["number"] == self._number:
            self._ready.add(msg.node_id)

    def _told(self, msg: Message, **_more: Any) -> None:
        if msg.data["number"] != self._number:
            return
        tell(msg.data)
        if msg.data["last"] and not msg.data.get("leaving"):
            self._done.add(msg.node_id)
