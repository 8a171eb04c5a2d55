"""THR-602, test 2: an uploaded CSV lies in the bucket."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Objects, Ruling, Slo, failed, passed, scenario


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and the objects that the bucket holds for it."""

    file: str
    sent_sha256: str
    sent_bytes: int
    http_status: int
    upload_id: str | None
    bucket: str
    objects: tuple[tuple[str, int, str], ...]
    """Key, size in bytes, SHA-256."""
    answer: str
    """The store's word where it gave no object: `NoSuchKey`, `AccessDenied`."""


def the_bytes_are_in_the_bucket(seen: Sequence[Upload], _slo: Slo) -> Ruling:
    """Exactly the bytes that were sent lie in the bucket."""
    upload = seen[-1]
    if upload.upload_id is None:
        return failed(f"the upload was answered {upload.http_status} without an id")
    if not upload.objects:
        said = f" ({upload.answer})" if upload.answer else ""
        return failed(f"bucket {upload.bucket} holds no object for upload {upload.upload_id}{said}")
    if not any(sha256 == upload.sent_sha256 for _, _, sha256 in upload.objects):
        keys = ", ".join(key for key, _, _ in upload.objects)
        return failed(f"{keys} in bucket {upload.bucket} does not hold the bytes that were sent")
    key, size_bytes, sha256 = upload.objects[0]
    return passed(
        f"{upload.bucket}/{key} holds the same bytes, SHA-256 {sha256[:12]}…", bytes=size_bytes
    )


@scenario(
    needs=[Capability.UPLOADS, Capability.S3],
    requires=["observe.s3.key or observe.sql.object_key"],
    evidence=Upload,
    check=the_bytes_are_in_the_bucket,
    remediation="Compare the service's bucket, endpoint and credentials with the target file's "
    "[observe.s3], and that uploads go to the bucket and not to a node's disk.",
)
def upload_stored(gate: Gate) -> Iterator[Upload]:
    """An uploaded CSV file lies in the bucket, byte for byte."""
    sheet = gate.uploads.sample(rows=3)
    gate.attach(sheet.name, sheet.content)
    reply = gate.uploads.send(sheet)
    upload_id = gate.uploads.accepted_id(reply)
    found = gate.objects.find(upload_id) if upload_id else Objects(())
    bucket = gate.target.observe.s3
    yield Upload(
        file=sheet.name,
        sent_sha256=hashlib.sha256(sheet.content).hexdigest(),
        sent_bytes=len(sheet.content),
        http_status=reply.status,
        upload_id=upload_id,
        bucket=bucket.bucket if bucket else "",
        objects=tuple((one.key, one.size_bytes, one.sha256) for one in found.stored),
        answer=found.answer,
    )
