"""The migrations are found wherever the checkout lies."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reference_app import migrate


@pytest.mark.parametrize("folder", ["plain", "50%", "a %(here)s b"])
def test_any_folder_holds_the_migrations(monkeypatch, folder: str) -> None:
    """A percent sign in the path of the checkout is one, not the begin of a variable."""
    monkeypatch.setattr(migrate, "__file__", f"/srv/{folder}/reference_app/migrate.py")
    with create_engine("sqlite://").connect() as connection:
        config = migrate._config(connection)

    expected = Path(f"/srv/{folder}/reference_app/migrations")
    assert Path(config.get_main_option("script_location") or "") == expected
