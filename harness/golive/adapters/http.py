"""HTTP by httpx: every request is an operation of the ledger."""

import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from golive.adapters.tls import trusting
from golive.errors import UnreachableError
from golive.model.ports import File, Recorder, Reply

CONNECT_TIMEOUT_SECONDS = 4.0

# The connection was never made: the request cannot have taken effect.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


def http_client(ca_file: str | None = None) -> httpx.Client:
    """A client with a connection pool; proxies of the environment are not used for a target."""
    return httpx.Client(
        verify=trusting(ca_file) if ca_file else True,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "golive"},
    )


class HttpAdapter:
    """HTTP calls of one step."""

    def __init__(self, client: httpx.Client, recorder: Recorder) -> None:
        self._client = client
        self._recorder = recorder

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Sequence[File] = (),
        timeout_seconds: float = 10.0,
    ) -> Reply:
        """Send one request. Raises UnreachableError where no answer came back."""
        request = self._client.build_request(
            method,
            url,
            headers=headers,
            data=form,
            files=[(file.field, (file.name, file.content, file.content_type)) for file in files]
            or None,
            timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS),
        )
        with self._recorder.operation(f"{method} {urlsplit(url).path}", url=url) as operation:
            began = time.perf_counter()
            try:
                response = self._client.send(request)
            except httpx.TransportError as error:
                reason = reason_of(error)
                complete = operation.fail if isinstance(error, _NOT_SENT) else operation.info
                complete(error=reason)
                raise UnreachableError("http", f"{method} {url}", reason) from error
            reply = Reply(
                url=url,
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=response.content,
                milliseconds=round((time.perf_counter() - began) * 1000, 3),
            )
            operation.ok(
                status=reply.status, milliseconds=reply.milliseconds, body_bytes=len(reply.body)
            )
        return reply


def reason_of(error: httpx.TransportError) -> str:
    """Why no answer came, in a few words."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    # "[Errno 111] Connection refused": the number helps nobody.
    return str(error).rpartition("] ")[2] or type(error).__name__
