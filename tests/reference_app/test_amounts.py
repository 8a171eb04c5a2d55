"""Amounts as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.uploads.amounts import MAX_CENTS, AmountError, parse_cents


@pytest.mark.parametrize(
    "text, cents",
    [
        ("100", 10_000),
        ("100.00", 10_000),
        ("12,5", 1_250),
        ("0.01", 1),
        (" 7 ", 700),
        ("€ 12", 1_200),
        ("12.50 EUR", 1_250),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("1 234,56", 123_456),
        ("1\u00a0234,56", 123_456),
        ("1\u202f234", 123_400),
        ("1'234.50", 123_450),
        ("1\u2019234.50", 123_450),
        ("999999999.99", MAX_CENTS),
    ],
)
def test_clear_amounts(text: str, cents: int) -> None:
    """What can mean only one thing is read as that."""
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "1.234",
        "1,234",
        "1.234.567",
        "1,23,456",
        "-5",
        "(5.00)",
        "12,-",
        "1e3",
        "+5",
        "0",
        "0.00",
        "1.2345",
        "1..2",
        ".5",
        "5.",
        "$5",
        "£5",
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "٣",
        "1000000000",
        "1.234,567",
        "one",
        "99999999999999999999",
        "\uff11\uff0e\uff12\uff13\uff14",
        "",
        " ",
        "\u20ac",
        "1 2",
        "12 34,00",
        "1\x00",
        "1.234.56",
    ],
)
def test_unclear_amounts_are_refused(text: str) -> None:
    """What could mean two things, or is no amount to collect, is refused and never guessed."""
    with pytest.raises(AmountError):
        parse_cents(text)


@pytest.mark.parametrize("text", [" " * 16_000 + "1", "1" + " " * 32_000 + "x", "\ufdfa" * 9_000])
def test_a_long_cell_is_refused_before_it_is_looked_at(text: str) -> None:
    """No pattern meets a text whose length it would take the square of."""
    with pytest.raises(AmountError, match=r"^amount is too long$"):
        parse_cents(text)


@given(st.integers(1, MAX_CENTS))
def test_every_amount_survives_both_ways_of_writing(cents: int) -> None:
    """Point or comma, grouped or not: the same cents come back."""
    plain = f"{Decimal(cents) / 100:.2f}"
    english = f"{Decimal(cents) / 100:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert {parse_cents(text) for text in (plain, plain.replace(".", ","), english, german)} == {
        cents
    }


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    """No text breaks the reader, and what it accepts is in range."""
    with suppress(AmountError):
        assert 1 <= parse_cents(text) <= MAX_CENTS
