"""The bucket by plain requests, signed for whoever asks."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import unescape
from http import HTTPMethod, HTTPStatus
from urllib.parse import urlsplit

import httpx
from minio.credentials.credentials import Credentials
from minio.error import MinioException
from minio.signer import presign_v4

from golive.adapters import s3
from golive.adapters.http import reason_of
from golive.errors import UnobservableError, UnreachableError
from golive.model.audit_ports import Who
from golive.model.ports import Recorder
from golive.model.setting import Setting
from golive.model.target import ObserveS3

TIMEOUT_SECONDS = 10.0
SIGNED_FOR_SECONDS = 60
BODY = b"golive asks whether it may write"
WRONG_CHECKSUM = "AAAAAAAAAAAAAAAAAAAAAA=="

_KEY = re.compile(r"<Key>([^<]+)</Key>")
_CODE = re.compile(r"<Code>(\w+)</Code>")

Key = tuple[str, str]
"""An access key and its secret."""


class BucketAdapter:
    """Questions of one step about the bucket itself. `service` gives the service's own key."""

    def __init__(
        self,
        section: ObserveS3,
        keys: Mapping[Who, Key],
        service: Callable[[], Key],
        recorder: Recorder,
    ) -> None:
        self._section = section
        self._keys = keys
        self._service = service
        self._recorder = recorder
        self._place = f"bucket {section.bucket}"

    def word(self, who: Who, method: str, key: str = "", query: str = "") -> Setting:
        """`OK`, or the store's word of refusal."""
        status, body = self._send(who, method, key, query)
        name = " ".join(filter(None, (method, key, query and f"?{query}", "by", who)))
        return Setting(self._place, name, _word(status, body))

    def some_key(self) -> str:
        """The key of an object that is there (empty = it holds none)."""
        found = _KEY.search(str(self.text("list-type=2&max-keys=1").value))
        return unescape(found[1]) if found else ""

    def text(self, query: str) -> Setting:
        """What the observer is told of a setting of the bucket."""
        status, body = self._send(Who.OBSERVER, "GET", "", query)
        word = _word(status, body)
        if word in {"AccessDenied", "NotImplemented"}:
            raise UnobservableError(self._place, f"{query}: {word}")
        return Setting(self._place, query, body if word == "OK" else word)

    def buckets(self, who: Who) -> Setting:
        """The names of all buckets that are listed."""
        with self._recorder.operation("S3 buckets", by=who.value) as operation:
            try:
                names = [
                    bucket.name
                    for bucket in s3.connect(self._section, *self._key(who)).list_buckets()
                ]
            except (MinioException, OSError) as error:
                raise UnreachableError("s3", self._section.endpoint, str(error)) from error
            operation.ok(buckets=len(names))
        return Setting(self._section.endpoint, f"buckets of {who}", " ".join(sorted(names)))

    def _address(self, who: Who, method: str, key: str, query: str) -> str:
        asked = f"?{query}{'' if '=' in query else '='}" if query else ""
        plain = f"{self._section.endpoint}/{self._section.bucket}{key and '/'}{key}{asked}"
        if who is Who.STRANGER:
            return plain
        signed = presign_v4(
            method=method,
            url=urlsplit(plain),
            region=self._section.region,
            credentials=Credentials(*self._key(who)),
            date=datetime.now(UTC),
            expires=SIGNED_FOR_SECONDS,
        )
        return signed.geturl()

    def _key(self, who: Who) -> Key:
        return self._service() if who is Who.SERVICE else self._keys[who]

    def _send(self, who: Who, method: str, key: str, query: str) -> tuple[int, str]:
        writes = method == HTTPMethod.PUT
        # The address holds a signature: neither it nor an error that quotes it is recorded.
        with self._recorder.operation(f"S3 {method} {key or query}", by=who.value) as operation:
            try:
                reply = httpx.request(
                    method,
                    self._address(who, method, key, query),
                    content=BODY if writes else None,
                    headers={"Content-MD5": WRONG_CHECKSUM} if writes else None,
                    timeout=TIMEOUT_SECONDS,
                    trust_env=False,
                )
            except httpx.TransportError as error:
                operation.fail(error=reason_of(error))
                place = f"S3 {self._section.endpoint}"
                raise UnreachableError("s3", place, reason_of(error)) from None
            operation.ok(status=reply.status_code)
        return reply.status_code, reply.text


def _word(status: int, body: str) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return "OK"
    if code := _CODE.search(body):
        return code[1]
    return "AccessDenied" if status == HTTPStatus.FORBIDDEN else str(status)
