"""The multipart form of an upload, read as it arrives: its file passes through, nothing is kept."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    StrictParserError,
    parse_options_header,
)

from reference_app.http.problems import FieldError, ProblemError
from reference_app.uploads.column_mapping import ColumnMapping, MappingError, parse_mapping
from reference_app.uploads.file_types import FORMATS, FileFormat, format_of

MULTIPART = "multipart/form-data"
MAX_FILENAME_CHARS = 255
MAX_BOUNDARY_CHARS = 70
MAX_PARTS = 16
MAX_FIELD_BYTES = 16 * 1024
MAX_HEADER_BYTES = 4 * 1024


class Sink(Protocol):
    """Where the file goes."""

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""


@dataclass(frozen=True)
class UploadForm:
    """What the form says about its file; a mapping only where the caller gave one."""

    filename: str
    format: FileFormat
    mapping: ColumnMapping | None


class FormReader:
    """Reads one form; every refusal names the field and the reason."""

    def __init__(
        self, content_type: str, max_file_bytes: int, open_sink: Callable[[FileFormat], Sink]
    ) -> None:
        self._parser = _parser(content_type)
        self._max_file_bytes = max_file_bytes
        self._open_sink = open_sink
        self._fields: dict[str, list[bytes]] = {}
        self._filename = ""
        self._format: FileFormat | None = None
        self._sink: Sink | None = None
        self._part: MultipartSegment | None = None
        self._field = bytearray()
        self._parts = 0
        self._file_is_blank = True

    async def feed(self, chunk: bytes) -> None:
        """Read the next bytes of the form."""
        try:
            for event in self._parser.parse(chunk):
                await self._handle(event)
        except ParserLimitReached:
            raise _too_much("The form has too many or too large parts.") from None
        except StrictParserError:
            # The line end after the last boundary may come in a packet of its own.
            if self._parts and not self._part and not chunk.strip(b"\r\n"):
                return
            raise _unreadable() from None
        except MultipartError:
            raise _unreadable() from None

    def finish(self) -> UploadForm:
        """What the form said, now that it has ended."""
        try:
            self._parser.close()
        except MultipartError:
            raise _unreadable() from None
        if not self._parts:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "The form has no parts.")
        if not self._format:
            raise _unusable("file", "must be given exactly once")
        if self._file_is_blank:
            raise _unusable("file", "is empty")
        return UploadForm(self._filename, self._format, self._mapping())

    async def _handle(self, event: MultipartSegment | bytes | None) -> None:
        if event is None:
            self._end_part()
        elif isinstance(event, MultipartSegment):
            self._begin_part(event)
        elif self._sink:
            await self._pass_on(self._sink, bytes(event))
        else:
            self._field += event
            if len(self._field) > MAX_FIELD_BYTES:
                raise _too_much("A field of the form is too large.")

    def _begin_part(self, part: MultipartSegment) -> None:
        self._part, self._parts = part, self._parts + 1
        self._field.clear()
        if part.name != "file":
            return
        if part.filename is None:
            raise _unusable("file", "is not a file")
        if self._format:
            raise _unusable("file", "must be given exactly once")
        self._filename = clean_filename(part.filename)
        self._format = format_of(self._filename)
        if not self._format:
            taken = ", ".join(one.extension for one in FORMATS)
            raise ProblemError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Only these files are taken: {taken}.",
                FieldError("file", "is of a kind that is not taken"),
            )
        self._sink = self._open_sink(self._format)

    async def _pass_on(self, sink: Sink, chunk: bytes) -> None:
        if self._part and self._part.bytes_received > self._max_file_bytes:
            raise _too_much(
                f"The file is larger than {self._max_file_bytes} bytes.",
                FieldError("file", "is too large"),
            )
        self._file_is_blank = self._file_is_blank and not chunk.strip()
        await sink.write(chunk)

    def _end_part(self) -> None:
        if self._part and not self._sink:
            self._fields.setdefault(str(self._part.name), []).append(bytes(self._field))
        self._part = self._sink = None

    def _mapping(self) -> ColumnMapping | None:
        given = self._fields.get("column_mapping", [])
        if not given:
            return None
        if len(given) > 1:
            raise _unusable("column_mapping", "is given more than once")
        try:
            return parse_mapping(given[0])
        except MappingError as error:
            raise _unusable(error.error.field, error.error.reason) from None


def clean_filename(given: str) -> str:
    """The name of an uploaded file, without any path; or the refusal of one that is no name."""
    # Some browsers send a path; only its last part is a name, whichever way its slashes lean.
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2]).strip()
    if not name or len(name) > MAX_FILENAME_CHARS or not name.isprintable():
        raise _unusable("file", "has no usable name")
    return name


def _parser(content_type: str) -> PushMultipartParser:
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary.isascii() or not boundary.isprintable() or len(boundary) > MAX_BOUNDARY_CHARS:
        raise _unreadable()
    try:
        return PushMultipartParser(
            boundary,
            max_header_size=MAX_HEADER_BYTES,
            max_segment_count=MAX_PARTS,
            strict=True,
        )
    except MultipartError:
        raise _unreadable() from None


def _unreadable() -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "The body is not a readable form.")


def _too_much(detail: str, *errors: FieldError) -> ProblemError:
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, *errors)


def _unusable(field: str, reason: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The upload cannot be used.", FieldError(field, reason)
    )
