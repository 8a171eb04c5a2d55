"""Tells people of incidents in the background: once each, again where it did not arrive."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

import stamina

from golive.errors import EscalationError
from golive.model.monitoring.escalation import CLOSED, Channel, Page
from golive.model.monitoring.records import Told
from golive.model.monitoring.sections import Escalate

ATTEMPTS = 10
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
PATIENCE_SECONDS = 900.0
"""For so long a message is tried: in the night the next check may be two hours away."""
LAST_CALL_SECONDS = 60.0

Key = tuple[int, str, str]


class Dispatcher:
    """Sends through every channel in a thread of its own; a channel that fails stops nothing."""

    def __init__(
        self,
        channels: Mapping[str, tuple[Channel, Escalate]],
        secrets: Mapping[str, str],
        before: Sequence[Told],
        keep: Callable[[Told], None],
        clock: Callable[[], float],
    ) -> None:
        self._channels = channels
        self._secrets = secrets
        self._keep = keep
        self._clock = clock
        self._begun: set[Key] = {
            (one.incident, one.event, one.channel) for one in before if not one.error
        }
        self._threads = {name: ThreadPoolExecutor(1, f"tell-{name}") for name in channels}
        self._open: list[Future[None]] = []
        self._unsettled: set[Key] = set()
        self._lock = Lock()
        self._is_over = False

    def tell(self, pages: Iterable[Page]) -> None:
        """Send what was not sent yet. What failed is tried again when it is told again."""
        for page in pages:
            for name, (_, section) in self._channels.items():
                key = (page.incident, page.event, name)
                if key not in self._begun and self._is_for(page, name, section):
                    self._begun.add(key)
                    self._unsettled.add(key)
                    self._open.append(self._threads[name].submit(self._send, page, name))

    def close(self) -> None:
        """Wait for what is under way; what does not arrive in time is said not to have."""
        wait(self._open, LAST_CALL_SECONDS)
        self._is_over = True
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
        for incident, event, name in sorted(self._unsettled):
            self._settle(Told(incident, event, name, self._now(), 0, "the watch ended before"))

    def _is_for(self, page: Page, name: str, section: Escalate) -> bool:
        if page.event == CLOSED:
            # Only who was told that it began wants to know that it is over.
            return any((page.incident, event, name) in self._begun for event in OPENED)
        return section.tell == "all" or page.severity == "critical"

    def _send(self, page: Page, name: str) -> None:
        channel, section = self._channels[name]
        attempts, error = 0, ""
        if page.event == CLOSED and not self._is_for(page, name, section):
            # Nobody was told that it began: that comes first, and this behind it.
            self._begun.discard((page.incident, page.event, name))
            self._unsettled.discard((page.incident, page.event, name))
            return
        try:
            for attempt in stamina.retry_context(
                on=self._is_worth_another,
                attempts=ATTEMPTS,
                timeout=PATIENCE_SECONDS,
                wait_initial=FIRST_WAIT_SECONDS,
                wait_max=LONGEST_WAIT_SECONDS,
            ):
                with attempt:
                    attempts = attempt.num
                    channel.send(page, section, self._secrets)
        except Exception as failure:  # noqa: BLE001 - whatever a channel does, the watch goes on
            error = str(failure) or type(failure).__name__
            self._begun.discard((page.incident, page.event, name))
        self._settle(Told(page.incident, page.event, name, self._now(), attempts, error))

    def _settle(self, told: Told) -> None:
        """Write down how it ended, once: what ends after the watch has been written off."""
        key = (told.incident, told.event, told.channel)
        with self._lock:
            if key in self._unsettled:
                self._unsettled.discard(key)
                self._keep(told)

    def _now(self) -> float:
        return round(self._clock(), 3)

    def _is_worth_another(self, error: Exception) -> bool:
        return isinstance(error, EscalationError) and not self._is_over


OPENED = ("critical", "documented")
"""Events with which an incident begins."""
