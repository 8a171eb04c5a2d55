"""How the engine writes a form."""

from urllib.parse import urlencode

import pytest

from golive.adapters.load.pacer import _encoded

FORMS = [
    {"unique_id": "0f" * 16, "status": "approved", "amount": "1000"},
    {"empty": "", "spaces": "a b", "signs": "&=+%~/-._", "letters": "h\u00e9\u0661"},
]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_written_as_the_standard_library_writes_it(form: dict[str, str]) -> None:
    """It is only faster."""
    assert _encoded(form) == urlencode(form).encode()
