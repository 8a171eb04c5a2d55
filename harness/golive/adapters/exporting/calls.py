"""JSON over HTTP to an issue tracker, with patience where it asks for some."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina

from golive.errors import TrackerError

TIMEOUT_SECONDS = 30.0
ATTEMPTS = 8
PATIENCE_SECONDS = 600.0
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
SHOWN_CHARACTERS = 300

REFUSED = (401, 403)
BUSY = (429, 503)

# When the allowance is renewed: ClickUp and GitHub in seconds since 1970, Linear in milliseconds.
_RESETS = ("x-ratelimit-reset", "x-ratelimit-requests-reset", "x-ratelimit-complexity-reset")
_MILLISECONDS_FROM = 10**11


class _BusyError(Exception):
    """The tracker wants to be asked later."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"HTTP {answer.status_code}")
        self.answer = answer


class Calls:
    """Calls of one tracker.

    A request that may have been received is not repeated: a ticket that was made, whose answer was
    lost, is found by the next export instead of being made twice.
    """

    def __init__(
        self,
        title: str,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> None:
        self._title = title
        self._host = urlsplit(base_url).netloc
        self._client = httpx.Client(
            base_url=base_url,
            headers={"User-Agent": "golive", **(headers or {})},
            auth=auth,
            timeout=TIMEOUT_SECONDS,
        )

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def json(self, method: str, path: str, body: object = None, **parameters: str | int) -> Any:
        """The document that is answered, None for an empty answer. Raises TrackerError."""
        try:
            for attempt in stamina.retry_context(
                on=_wait,
                attempts=ATTEMPTS,
                timeout=PATIENCE_SECONDS,
                wait_initial=FIRST_WAIT_SECONDS,
                wait_max=LONGEST_WAIT_SECONDS,
            ):
                with attempt:
                    answer = self._ask(method, path, body, parameters)
        except _BusyError as busy:
            raise self._refusal(busy.answer) from None
        except httpx.HTTPError as error:
            raise TrackerError(
                f"{self._title} at {self._host}: {error or type(error).__name__}",
                remedy="What was done so far stays; run the command again, it goes on from there.",
            ) from error
        if answer.is_error or answer.is_redirect:
            raise self._refusal(answer)
        return self._document(answer)

    def _ask(
        self, method: str, path: str, body: object, parameters: Mapping[str, str | int]
    ) -> httpx.Response:
        answer = self._client.request(method, path, json=body, params=dict(parameters) or None)
        if answer.status_code in BUSY or _rate_limited(answer):
            raise _BusyError(answer)
        return answer

    def _document(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise TrackerError(
                f"{self._title} at {self._host} answered {answer.request.method} with no JSON",
                remedy="Is the address that of the API?",
            ) from None

    def _refusal(self, answer: httpx.Response) -> TrackerError:
        what = f"{answer.request.method} {answer.request.url.path}"
        said = answer.text[:SHOWN_CHARACTERS].replace("\n", " ")
        remedies = {
            **dict.fromkeys(REFUSED, "Is the token valid, and may it write there?"),
            **dict.fromkeys(BUSY, "It stays busy: try again later, the export goes on from there."),
            404: "Is the name of what to export into right, and may the token see it?",
        }
        return TrackerError(
            f"{self._title} answered {answer.status_code} to {what}: {said}",
            remedy=remedies.get(answer.status_code, "What was done so far stays."),
        )


def _rate_limited(answer: httpx.Response) -> bool:
    """Linear says so with 400 and a code in the document."""
    return answer.status_code == httpx.codes.BAD_REQUEST and "RATELIMITED" in answer.text


def _wait(error: Exception) -> bool | float:
    """Whether to ask again, or in how many seconds."""
    if isinstance(error, _BusyError):
        seconds = _asked_for(error.answer.headers)
        return True if seconds is None else seconds
    # The connection was never made, so that the request cannot have been received.
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)


def _asked_for(headers: httpx.Headers) -> float | None:
    """Seconds that the tracker wants to be left alone."""
    if (after := headers.get("retry-after", "")).isdigit():
        return float(after)
    for name in _RESETS:
        if (reset := headers.get(name, "")).isdigit():
            moment = int(reset) / (1000 if int(reset) > _MILLISECONDS_FROM else 1)
            return min(max(moment - time.time(), 0.0), LONGEST_WAIT_SECONDS)
    return None
