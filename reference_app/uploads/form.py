"""The multipart form of an upload, checked before anything is stored."""

import unicodedata
from dataclasses import dataclass
from http import HTTPStatus

from tornado.httputil import HTTPFile, HTTPInputError, parse_body_arguments

from reference_app.http.problems import FieldError, ProblemError
from reference_app.uploads.column_mapping import ColumnMapping, MappingError, parse_mapping

MULTIPART = "multipart/form-data"
MAX_FILENAME_CHARS = 255
BINARY_PROBE_BYTES = 4096


@dataclass(frozen=True)
class UploadForm:
    """A file to process, and how to read it."""

    filename: str
    content: bytes
    mapping: ColumnMapping


def parse_upload(content_type: str, body: bytes, max_file_bytes: int) -> UploadForm:
    """Read the form, or refuse it naming the field and the reason."""
    arguments: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    try:
        parse_body_arguments(content_type, body, arguments, files)
    except HTTPInputError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "The body is not a readable form.") from None
    upload = _the_file(files, arguments)
    filename = _filename(upload.filename)
    _check_content(filename, upload.body, max_file_bytes)
    return UploadForm(filename, upload.body, _mapping(arguments))


def _the_file(files: dict[str, list[HTTPFile]], arguments: dict[str, list[bytes]]) -> HTTPFile:
    given = files.get("file", [])
    if len(given) != 1:
        reason = "is not a file" if "file" in arguments else "must be given exactly once"
        raise _unusable("file", reason)
    return given[0]


def _filename(given: str) -> str:
    # Some browsers send a path; only its last part is a name, whichever way its slashes lean.
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2]).strip()
    if not name or len(name) > MAX_FILENAME_CHARS or not name.isprintable():
        raise _unusable("file", "has no usable name")
    return name


def _check_content(filename: str, content: bytes, max_file_bytes: int) -> None:
    if len(content) > max_file_bytes:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The file is larger than {max_file_bytes} bytes.",
            FieldError("file", "is too large"),
        )
    if not content.strip():
        raise _unusable("file", "is empty")
    if not filename.lower().endswith(".csv") or b"\0" in content[:BINARY_PROBE_BYTES]:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Only CSV files are taken.",
            FieldError("file", "is not a CSV file"),
        )


def _mapping(arguments: dict[str, list[bytes]]) -> ColumnMapping:
    given = arguments.get("column_mapping", [])
    if not given:
        return ColumnMapping()
    if len(given) > 1:
        raise _unusable("column_mapping", "is given more than once")
    try:
        return parse_mapping(given[0])
    except MappingError as error:
        raise _unusable(error.error.field, error.error.reason) from None


def _unusable(field: str, reason: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The upload cannot be used.", FieldError(field, reason)
    )
