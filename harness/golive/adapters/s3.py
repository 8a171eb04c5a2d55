"""The bucket, by the minio client (which speaks S3 to any server)."""

import fnmatch
import hashlib
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from golive.errors import UnobservableError, UnreachableError
from golive.model.ports import Objects, OpenOperation, Recorder, Stored
from golive.model.target import ObserveS3

CONNECT_TIMEOUT_SECONDS = 4.0
READ_TIMEOUT_SECONDS = 10.0
CHUNK_BYTES = 1 << 16
NO_OBJECT = ("NoSuchKey", "NoSuchBucket")
"""The store's words for "there is none"; any other refusal says nothing about the object."""

KeyOf = Callable[[str], str | None]


def connect(section: ObserveS3, key: str, secret: str) -> Minio:
    """A client with short time-outs and no retries; it connects when used."""
    address = urlsplit(section.endpoint)
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_SECONDS, read=READ_TIMEOUT_SECONDS),
        retries=False,
    )
    return Minio(
        address.netloc,
        access_key=key,
        secret_key=secret,
        secure=address.scheme == "https",
        region=section.region,
        http_client=pool,
    )


class ObjectsAdapter:
    """Questions of one step to the bucket. `key_of` says where the object of an upload lies."""

    def __init__(
        self, client: Minio, section: ObserveS3, key_of: KeyOf, recorder: Recorder
    ) -> None:
        self._client = client
        self._section = section
        self._key_of = key_of
        self._recorder = recorder

    def find(self, upload_id: str) -> Objects:
        """Objects that belong to an upload, read whole and hashed."""
        pattern = self._key_of(upload_id)
        return self._read_all(pattern) if pattern else Objects(())

    def ping(self) -> None:
        """Ask whether the object store answers and knows our key."""
        # Who may not list a bucket is denied what is not in it.
        self._read_all("golive-preflight-no-such-object", fine=(*NO_OBJECT, "AccessDenied"))

    def _read_all(self, pattern: str, fine: tuple[str, ...] = NO_OBJECT) -> Objects:
        place = f"{self._section.bucket}/{pattern}"
        with self._recorder.operation("S3 find", key=place) as operation:
            try:
                stored = tuple(self._read(key) for key in self._keys(pattern))
            except S3Error as error:
                return self._without_object(error, operation, fine)
            # A balancer's error page is not the XML that the client expects.
            except (urllib3.exceptions.HTTPError, MinioException, ParseError, OSError) as error:
                operation.fail(error=str(error))
                raise UnreachableError("s3", f"S3 {self._section.endpoint}", str(error)) from error
            operation.ok(objects=len(stored))
        return Objects(stored)

    def _without_object(
        self, error: S3Error, operation: OpenOperation, fine: tuple[str, ...]
    ) -> Objects:
        """There is no object, or the store would not or could not say."""
        said = f"{error.code}: {error.message}"
        if error.code in fine:
            operation.ok(objects=0, answer=said)
            return Objects((), error.code or "")
        operation.fail(error=said)
        place = f"S3 {self._section.endpoint}"
        if error.response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnreachableError("s3", place, said) from error
        raise UnobservableError(place, f"bucket {self._section.bucket}: {said}") from error

    def _keys(self, pattern: str) -> list[str]:
        if "*" not in pattern:
            return [pattern]
        listed = self._client.list_objects(
            self._section.bucket, prefix=pattern.partition("*")[0], recursive=True
        )
        names = [entry.object_name or "" for entry in listed]
        return [name for name in names if fnmatch.fnmatchcase(name, pattern)]

    def _read(self, key: str) -> Stored:
        digest, size = hashlib.sha256(), 0
        response = self._client.get_object(self._section.bucket, key)
        try:
            for chunk in response.stream(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        finally:
            response.close()
            response.release_conn()
        return Stored(key, size, digest.hexdigest())
