"""The bucket. The client is synchronous: the API calls it in threads, the jobs directly."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, Any, BinaryIO, Protocol, TypeVar, cast
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from reference_app.http.problems import UnavailableError
from reference_app.settings import Settings

CONNECT_TIMEOUT_S = 1.0
READ_TIMEOUT_S = 4.0
PROBE_TIMEOUT_S = 0.7
CHUNK_BYTES = 256 * 1024
API_THREADS = 16
CLOSE_LIMIT_S = 2 * READ_TIMEOUT_S

PART_BYTES = 5 * 1024 * 1024
"""The smallest that S3 takes; 1 GiB makes 205 of 10 000 parts."""

T = TypeVar("T")


class ObjectMissingError(Exception):
    """There is no such object in the bucket."""


class ObjectStream(Protocol):
    """An open object."""

    def read(self, amt: int) -> bytes:
        """Read the next bytes; none at the end."""

    def close(self) -> None:
        """Let go of it."""


class ByteSource(Protocol):
    """What an object is made of."""

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""


class Bucket:
    """The one bucket of the service; every call is bounded in time."""

    def __init__(self, settings: Settings, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self._client = _client(settings, read_timeout_s)
        self._name = settings.aws_bucket

    def put_stream(
        self,
        key: str,
        source: ByteSource,
        content_type: str,
        *,
        size_bytes: int = -1,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Store what can be read from the source, part by part; if that breaks, nothing is stored.

        Whatever the source raises comes out as it is. Should this process be killed meanwhile, the
        parts stay invisible and the bucket drops them after a day.
        """
        with _failures():
            self._client.put_object(
                self._name,
                key,
                cast("BinaryIO", source),
                size_bytes,
                content_type,
                metadata=dict(metadata or {}),
                part_size=PART_BYTES,
                # More would read ahead without limit.
                num_parallel_uploads=1,
            )

    def open(self, key: str, first: int = 0, length: int = 0) -> ObjectStream:
        """Open an object, or `length` bytes of it, for reading; close it after use."""
        with _failures():
            return _Closing(self._client.get_object(self._name, key, first, length))

    def sha256_of(self, key: str) -> str | None:
        """SHA-256 of an object's content, read to its end; None if there is none."""
        try:
            return self._read_through(key, lambda _chunk: None)
        except ObjectMissingError:
            return None

    def copy_to(self, key: str, target: IO[bytes]) -> str:
        """Write an object into an open file; gives its SHA-256."""
        return self._read_through(key, target.write)

    def _read_through(self, key: str, use: Callable[[bytes], object]) -> str:
        digest = hashlib.sha256()
        source = self.open(key)
        try:
            with _failures():
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    use(chunk)
        finally:
            source.close()
        return digest.hexdigest()

    def delete(self, key: str) -> None:
        """Remove an object."""
        with _failures():
            self._client.remove_object(self._name, key)

    def exists(self) -> bool:
        """Whether the bucket itself is there."""
        with _failures():
            return self._client.bucket_exists(self._name)


class _Closing:
    """A response that gives its connection back when closed, or drops it when read half."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def read(self, amt: int) -> bytes:
        with _failures():
            return self._response.read(amt)

    def close(self) -> None:
        self._response.close()
        self._response.release_conn()


@contextmanager
def _failures() -> Iterator[None]:
    """Translate the client's many exceptions into ObjectMissingError and UnavailableError."""
    try:
        yield
    except S3Error as error:
        raise (
            ObjectMissingError() if error.code == "NoSuchKey" else UnavailableError("bucket")
        ) from error
    except (MinioException, HTTPError, OSError) as error:
        raise UnavailableError("bucket") from error


class Threads:
    """Runs calls to the bucket beside the event loop."""

    def __init__(self, size: int = API_THREADS) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="bucket")
        self._started: set[asyncio.Future[Any]] = set()

    def start(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Start the call in a thread, or as soon as one is free."""
        started = asyncio.get_running_loop().run_in_executor(self._pool, call)
        self._started.add(started)
        started.add_done_callback(self._started.discard)
        return started

    async def run(self, call: Callable[[], T]) -> T:
        """Run the call in a thread."""
        return await self.start(call)

    async def close(self) -> None:
        """Let go of the threads once they are done: some remove what nobody wants any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                # What ends may start something else.
                while self._started:
                    await asyncio.wait(self._started)
        self._pool.shutdown(wait=False, cancel_futures=True)


def _client(settings: Settings, read_timeout_s: float) -> Minio:
    endpoint = urlsplit(settings.aws_endpoint)
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s)
    client = Minio(
        endpoint.netloc,
        access_key=settings.aws_access_key_id.get_secret_value(),
        secret_key=settings.aws_secret_access_key.get_secret_value(),
        secure=endpoint.scheme == "https",
        region=settings.aws_default_region,
        # The default waits five minutes and tries five times; an upload must not.
        http_client=urllib3.PoolManager(
            maxsize=API_THREADS,
            timeout=timeout,
            retries=urllib3.Retry(total=1, connect=1, read=0, redirect=0, backoff_factor=0.1),
        ),
    )
    if not settings.aws_use_path_style_endpoint:
        client.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
    return client
