"""Cursors and cells that come from outside or go to a spreadsheet."""

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.http.problems import ProblemError
from reference_app.uploads.store import PageStart, RowError
from reference_app.uploads.views import content_disposition, cursor_after, errors_csv, page_start


def test_cursor_points_where_it_was_made() -> None:
    """To the microsecond."""
    upload: Any = SimpleNamespace(created_at=datetime.now(UTC), id=uuid4())
    assert page_start(cursor_after(upload)) == PageStart(upload.created_at, upload.id)


@given(st.text(max_size=300))
def test_foreign_cursors_are_refused_by_name(cursor: str) -> None:
    """Whatever they hold."""
    with pytest.raises(ProblemError) as told:
        page_start(cursor)
    assert told.value.document.errors[0].field == "cursor"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)))
def test_no_cell_is_a_formula(reasons: list[str]) -> None:
    """And every reason can be read back, with at most an apostrophe before it."""
    text = errors_csv(RowError(number, reason) for number, reason in enumerate(reasons, 2))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[1].removeprefix("'") for row in rows] == [one.removeprefix("'") for one in reasons]
    assert not any(row[1].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_disposition_is_one_plain_header(filename: str) -> None:
    """No file name ends the header, the quotes or the path."""
    header = content_disposition(filename)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert "/" not in header
