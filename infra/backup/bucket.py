"""The bucket: its objects into a tar stream and out of one."""

import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from infra.backup import streams
from infra.backup.manifest import CHUNK_BYTES, StoredObject
from infra.backup.settings import BackupError, Settings

OBJECTS = "objects.tar"
TIMEOUT_SECONDS = 30.0
USER_METADATA = "x-amz-meta-"


class Hashed:
    """A stream that is summed up while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        content = self._source.read(size)
        self._digest.update(content)
        return content

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._digest.hexdigest()


class Bucket:
    """The one bucket; every failure is a BackupError."""

    def __init__(self, settings: Settings) -> None:
        endpoint = urlsplit(settings.s3_endpoint)
        self._settings = settings
        self._name = settings.s3_bucket
        self._client = Minio(
            endpoint.netloc,
            access_key=settings.s3_key,
            secret_key=settings.s3_secret,
            secure=endpoint.scheme == "https",
            region=settings.s3_region,
            http_client=urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=urllib3.Retry(3)),
        )

    def sizes(self) -> dict[str, int]:
        """Key -> bytes of every object."""
        with _failures():
            found = self._client.list_objects(self._name, recursive=True)
            return {str(one.object_name): one.size or 0 for one in found}

    def save(self, file: Path) -> tuple[StoredObject, ...]:
        """Write every object, one after the other; what each one was."""
        saved: list[StoredObject] = []

        def write(target: IO[bytes]) -> None:
            with tarfile.open(fileobj=target, mode="w|") as tar:
                saved.extend(self._save_one(tar, key) for key in sorted(self.sizes()))

        with streams.piped(write) as source:
            streams.store(source, file, self._settings)
        return tuple(saved)

    def _save_one(self, tar: tarfile.TarFile, key: str) -> StoredObject:
        with _failures():
            response = self._client.get_object(self._name, key)
            try:
                entry = tarfile.TarInfo(key)
                entry.size = int(response.headers["Content-Length"])
                source = Hashed(cast("IO[bytes]", response))
                tar.addfile(entry, cast("IO[bytes]", source))
            finally:
                response.close()
                response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        metadata = {
            name.removeprefix(USER_METADATA): value
            for name, value in headers.items()
            if name.startswith(USER_METADATA)
        }
        kind = headers.get("content-type", "application/octet-stream")
        return StoredObject(key, entry.size, source.sha256, kind, metadata)

    def restore(self, file: Path, known: tuple[StoredObject, ...]) -> None:
        """Store every object again, and read it back."""
        expected = {one.key: one for one in known}
        with (
            streams.piped(lambda target: streams.load(file, target, self._settings)) as source,
            tarfile.open(fileobj=source, mode="r|") as tar,
        ):
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None or entry.name not in expected:
                    raise BackupError(f"{entry.name} is in the tar file, but not in the manifest")
                self._restore_one(expected.pop(entry.name), content)
        if expected:
            raise BackupError(f"{len(expected)} objects are missing: {', '.join(expected)}")

    def _restore_one(self, one: StoredObject, content: IO[bytes]) -> None:
        with _failures():
            self._client.put_object(
                self._name,
                one.key,
                cast("BinaryIO", content),
                one.size_bytes,
                one.content_type,
                metadata=dict(one.metadata),
            )
        if self.sha256_of(one.key) != one.sha256:
            raise BackupError(f"{one.key} is not in the bucket as it was saved")

    def sha256_of(self, key: str) -> str:
        """Of an object as it is now."""
        with _failures():
            response = self._client.get_object(self._name, key)
            try:
                source = Hashed(cast("IO[bytes]", response))
                while source.read(CHUNK_BYTES):
                    pass
            finally:
                response.close()
                response.release_conn()
        return source.sha256


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (MinioException, HTTPError) as error:
        raise BackupError(f"the bucket: {type(error).__name__}: {error}") from error
