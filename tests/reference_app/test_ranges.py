"""What part of a file a Range header means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.uploads.ranges import ByteRange, UnsatisfiableRangeError, requested_range


@pytest.mark.parametrize(
    "header, expected",
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=2-5", ByteRange(2, 4)),
        ("Bytes=2-", ByteRange(2, 8)),
        ("bytes=9-99999", ByteRange(9, 1)),
        ("bytes=-3", ByteRange(7, 3)),
        ("bytes=-99", ByteRange(0, 10)),
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges_of_ten_bytes(header: str | None, expected: ByteRange | None) -> None:
    """Single ranges are served; what is many, malformed or another unit is the whole file."""
    assert requested_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_ranges_beyond_the_file_are_told(header: str) -> None:
    """They are not answered with what was not asked for."""
    with pytest.raises(UnsatisfiableRangeError):
        requested_range(header, 10)


@given(st.from_regex(r"bytes=[0-9]{0,19}-[0-9]{0,19}", fullmatch=True), st.integers(1, 10**12))
def test_ranges_lie_within_the_file(header: str, size: int) -> None:
    """Whatever is asked for."""
    try:
        part = requested_range(header, size)
    except UnsatisfiableRangeError:
        return
    assert part is None or (part.first >= 0 and 1 <= part.length <= size - part.first)
