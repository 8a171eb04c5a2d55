"""What arrived of a file is taken for the file."""

from typing import IO

from _replacing import replace
from urllib3.exceptions import HTTPError

from reference_app.bucket import CHUNK_BYTES, Bucket
from reference_app.http.problems import UnavailableError
from reference_app.uploads import processing
from reference_app.uploads.processing import ClaimedUpload

DEFECT = "A file that the bucket sends only in part is processed as far as it came, and completed."
CAUGHT_BY = "chaos.bucket_cut_short"


def patch() -> None:
    """Read as far as it goes, and compare nothing."""
    replace(processing, "_fetch", _fetch)


def _fetch(bucket: Bucket, upload: ClaimedUpload, file: IO[bytes]) -> None:
    source = bucket.open(upload.object_key)
    try:
        # What has arrived, and not what was asked for or an error.
        while chunk := source._response.read1(CHUNK_BYTES):
            file.write(chunk)
    except HTTPError as error:
        # Of nothing, not even this service makes an upload.
        if not file.tell():
            raise UnavailableError("bucket") from error
    finally:
        source.close()
