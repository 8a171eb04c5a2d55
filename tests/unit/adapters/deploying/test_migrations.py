"""Which migrations are let through."""

import pytest

from golive.adapters.deploying.migrations import require_compatible
from golive.errors import StepFailedError
from reference_app import migrate

HARMLESS = """BEGIN;
ALTER TABLE uploads ADD COLUMN note text;
ALTER TABLE uploads ADD COLUMN kind text NOT NULL DEFAULT 'csv';
CREATE TABLE fresh (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL);
CREATE INDEX fresh_a ON fresh (a);
ALTER TABLE uploads ADD CONSTRAINT named CHECK (note <> '') NOT VALID;
UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';
COMMIT;
"""


@pytest.mark.parametrize("sql", ["", "\n", HARMLESS])
def test_what_only_expands_passes(sql) -> None:
    """New tables and columns that the version before needs not know are let through."""
    assert require_compatible(sql)


@pytest.mark.parametrize(
    "statement, rule",
    [
        ("ALTER TABLE uploads DROP COLUMN media_type", "ban-drop-column"),
        ("ALTER TABLE uploads RENAME COLUMN status TO state", "renaming-column"),
        ("ALTER TABLE uploads RENAME TO files", "renaming-table"),
        ("DROP TABLE uploads", "ban-drop-table"),
        ("ALTER TABLE uploads ADD COLUMN must text NOT NULL", "adding-required-field"),
        ("ALTER TABLE uploads ALTER COLUMN id TYPE integer", "changing-column-type"),
        ("ALTER TABLE uploads ALTER COLUMN note SET NOT NULL", "adding-not-nullable-field"),
        ("CREATE INDEX slow ON uploads (status)", "require-concurrent-index-creation"),
        ("ALTER TABLE uploads ADD CONSTRAINT c CHECK (a > 0)", "constraint-missing-not-valid"),
    ],
)
def test_what_the_version_before_cannot_live_with_is_refused(statement, rule) -> None:
    """Each is named, with its rule."""
    with pytest.raises(StepFailedError, match=rule) as caught:
        require_compatible(f"BEGIN;\n{statement};\nCOMMIT;\n")

    assert statement in str(caught.value)


def test_what_is_no_sql_is_refused() -> None:
    """Output that nobody can read is not taken for harmless."""
    with pytest.raises(StepFailedError):
        require_compatible("Traceback (most recent call last):\n  boom\n")


def test_a_statement_may_be_excused_where_it_stands() -> None:
    """Whoever wrote the migration may say in it that a statement is meant."""
    assert require_compatible(
        "-- squawk-ignore ban-drop-column\nALTER TABLE uploads DROP COLUMN nobody_reads_it;\n"
    )


def test_waiting_for_a_lock_is_short() -> None:
    """What is not in the SQL is set by the command that runs it."""
    assert 0 < migrate.LOCK_TIMEOUT_MS <= 5000
