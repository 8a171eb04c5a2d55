"""The form of an upload, cut into packets anywhere, and broken in every way."""

import asyncio
import itertools
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.http.problems import ProblemError
from reference_app.uploads.column_mapping import ColumnMapping
from reference_app.uploads.file_types import FileFormat
from reference_app.uploads.form import FormReader, UploadForm, clean_filename

CONTENT_TYPE = 'multipart/form-data; boundary="b-b"'
LIMIT = 1000
TOLD = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Received:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.content = b""
        self.opened: list[FileFormat] = []

    def open(self, file_format: FileFormat) -> "Received":
        """Note the format."""
        self.opened.append(file_format)
        return self

    async def write(self, chunk: bytes) -> None:
        """Keep the bytes."""
        self.content += chunk


def body(content: bytes, *more: bytes, name: str = "a.csv") -> bytes:
    """A form with a file."""
    head = f'--b-b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return b"".join([head.encode(), content, b"\r\n", *more, b"--b-b--\r\n"])


def field(name: str, value: bytes) -> bytes:
    """A field of a form."""
    head = f'--b-b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n"


def read(packets: list[bytes]) -> tuple[UploadForm, bytes]:
    """The form that the packets make."""
    received = Received()

    async def feed() -> UploadForm:
        reader = FormReader(CONTENT_TYPE, LIMIT, received.open)
        for packet in packets:
            await reader.feed(packet)
        return reader.finish()

    return asyncio.run(feed()), received.content


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    """The bytes in packets."""
    edges = sorted({0, len(whole), *(place % (len(whole) + 1) for place in places)})
    return [whole[a:b] for a, b in itertools.pairwise(edges)]


PLACES = st.lists(st.integers(0, 10_000), max_size=12)
CONTENTS = st.one_of(
    st.binary(min_size=1, max_size=LIMIT),
    st.text("\r\n-b ", max_size=40).map(str.encode),
).filter(lambda content: content.strip() and b"\r\n--b-b" not in b"\r\n" + content)


@given(CONTENTS, PLACES)
def test_packets_do_not_matter(content: bytes, places: list[int]) -> None:
    """The file is byte for byte what was sent, wherever the network cut the form."""
    mapping = field("column_mapping", b'{"iban": "Konto"}')
    form, received = read(cut(body(content, mapping), places))
    assert received == content
    assert form.mapping == ColumnMapping(iban="Konto")


@given(st.binary(max_size=400), PLACES)
def test_rubbish_is_refused_in_order(rubbish: bytes, places: list[int]) -> None:
    """Any bytes make a problem that is the caller's."""
    with pytest.raises(ProblemError) as told:
        read(cut(rubbish, places))
    assert told.value.document.status in TOLD


@given(st.data())
def test_damaged_forms_are_refused_or_whole(data: st.DataObject) -> None:
    """A form with bytes changed, lost or added is read to its end or refused, never half taken."""
    whole = bytearray(body(b"IBAN,Name\r\n--b-\r\n", field("column_mapping", b"{}")))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    refusal, received = None, b""
    try:
        _form, received = read(cut(bytes(whole), data.draw(PLACES)))
    except ProblemError as error:
        refusal = error.document.status
    assert refusal in TOLD or received


@pytest.mark.parametrize("size, taken", [(LIMIT, True), (LIMIT + 1, False)])
def test_limit_is_exact(size: int, taken: bool) -> None:
    """A file of just the limit is taken."""
    if taken:
        assert len(read([body(b"x" * size)])[1]) == size
        return
    with pytest.raises(ProblemError, match="413"):
        read([body(b"x" * size)])


@pytest.mark.parametrize(
    "given, name",
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\temp\\a.csv", "a.csv"),
        (" a\u0308.csv ", "\u00e4.csv"),
        ("-rf.csv", "-rf.csv"),
        ("\U0001f4a9.csv", "\U0001f4a9.csv"),
    ],
)
def test_file_names_are_names(given: str, name: str) -> None:
    """Without a path, in one spelling."""
    assert clean_filename(given) == name


@given(st.text(max_size=300))
def test_clean_names_are_harmless(given: str) -> None:
    """Short, printable, no path; or refused."""
    try:
        name = clean_filename(given)
    except ProblemError:
        return
    assert name.isprintable()
    assert 0 < len(name) <= 255
    assert not set(name) & set("/\\\0\r\n")
