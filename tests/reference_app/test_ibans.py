"""IBANs as spreadsheets hold them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_app.uploads.ibans import IbanError, parse_iban

GERMAN = "DE89370400440532013000"
VALID = [
    "DE89370400440532013000",
    "NL91ABNA0417164300",
    "FR1420041010050500013M02606",
    "ES9121000418450200051332",
    "IT60X0542811101000000123456",
    "BE68539007547034",
    "AT611904300234573201",
    "GR1601101250000000012300695",
    "FI2112345600000785",
    "MT84MALT011000012345MTLCAST001S",
    "TR330006100519786457841326",
]


@pytest.mark.parametrize("iban", VALID)
def test_valid_ibans(iban: str) -> None:
    """Valid IBANs come back unchanged."""
    assert parse_iban(iban) == iban


@pytest.mark.parametrize(
    "written",
    [
        "de89 3704 0044 0532 0130 00",
        "DE89-3704-0044-0532-0130-00",
        "DE89.3704.0044.0532.0130.00",
        "IBAN: DE89370400440532013000",
        "IBAN DE89370400440532013000",
        "'DE89370400440532013000",
        "\ufeffDE89370400440532013000\u200b",
        "DE89\u00a03704\u202f0044\u00ad0532013000",
        "\uff24\uff25\uff18\uff19\uff13\uff17\uff10\uff14\uff10\uff10\uff14\uff14\uff10\uff15\uff13\uff12\uff10\uff11\uff13\uff10\uff10\uff10",
    ],
)
def test_spreadsheet_dirt_is_removed(written: str) -> None:
    """Grouping, prefixes, invisible and full-width characters do not matter."""
    assert parse_iban(written) == GERMAN


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "IBAN",
        "DE88370400440532013000",
        "DE8937040044O532013000",
        "8.93704E+21",
        "D\u041589370400440532013000",
        "DE09100100101234567891",
        "XX89370400440532013000",
        "DE89\x00370400440532013000",
        "D" * 10_000,
    ],
)
def test_invalid_ibans_are_refused(written: str) -> None:
    """Wrong check digits, look-alike letters and numbers in disguise are refused, not repaired."""
    with pytest.raises(IbanError):
        parse_iban(written)


@given(
    st.sampled_from(VALID),
    st.integers(4, 33),
    st.characters(codec="ascii", categories=["Nd", "Lu"]),
)
def test_one_wrong_character_is_noticed(iban: str, place: int, character: str) -> None:
    """Check digits catch every digit changed to another digit and every letter to another letter.

    A letter counts as two digits, so a digit that becomes a letter is not always caught.
    """
    place %= len(iban)
    changed = iban[:place] + character + iban[place + 1 :]
    same_kind = character.isdigit() == iban[place].isdigit()
    if changed != iban and same_kind:
        with pytest.raises(IbanError):
            parse_iban(changed)


@given(st.text(max_size=60))
def test_any_text_is_an_iban_or_refused(text: str) -> None:
    """No text breaks the reader, and what it accepts is clean."""
    with suppress(IbanError):
        assert parse_iban(text).isalnum()
