"""The threads beside the event loop, when their node leaves."""

import asyncio
import threading

from reference_app.bucket import Threads


def test_what_was_started_before_the_end_is_done() -> None:
    """Also what waits for a free thread, and what begins when another ends: an object's removal."""
    done: list[str] = []

    async def leave() -> None:
        threads, may_end = Threads(1), threading.Event()
        first = threads.start(may_end.wait)
        first.add_done_callback(lambda _first: threads.start(lambda: done.append("begun late")))
        threads.start(lambda: done.append("waiting"))
        asyncio.get_running_loop().call_soon(may_end.set)
        await threads.close()

    asyncio.run(leave())
    assert done == ["waiting", "begun late"]
