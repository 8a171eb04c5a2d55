"""Tokens, uploads with their debtors, and notifications with their effect.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE api_tokens (
    token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    account      text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE uploads (
    id             uuid PRIMARY KEY,
    account        text NOT NULL,
    filename       text NOT NULL,
    object_key     text NOT NULL UNIQUE,
    size_bytes     bigint NOT NULL,
    sha256         char(64) NOT NULL,
    status         text NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    rows_total     integer NOT NULL DEFAULT 0,
    rows_created   integer NOT NULL DEFAULT 0,
    rows_duplicate integer NOT NULL DEFAULT 0,
    rows_invalid   integer NOT NULL DEFAULT 0,
    column_mapping jsonb NOT NULL,
    failure        text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CHECK (rows_total = rows_created + rows_duplicate + rows_invalid)
);
CREATE INDEX uploads_newest ON uploads (account, created_at DESC, id);

CREATE TABLE debtors (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    upload_id    uuid NOT NULL REFERENCES uploads (id),
    account      text NOT NULL,
    line         integer NOT NULL,
    iban         text NOT NULL,
    name         text NOT NULL,
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    currency     char(3) NOT NULL,
    UNIQUE (upload_id, line)
);

CREATE TABLE upload_row_errors (
    upload_id uuid NOT NULL REFERENCES uploads (id),
    line      integer NOT NULL,
    reason    text NOT NULL,
    PRIMARY KEY (upload_id, line)
);

CREATE TABLE webhook_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unique_id        text NOT NULL,
    event            text NOT NULL DEFAULT '',
    status           text NOT NULL,
    transaction_id   text,
    transaction_type text,
    amount_cents     bigint,
    payload          jsonb NOT NULL,
    received_at      timestamptz NOT NULL,
    processed_at     timestamptz NOT NULL,
    -- The last word on "exactly once", whatever Redis forgets or repeats.
    UNIQUE (unique_id, event, status)
);

CREATE TABLE payments (
    unique_id      text PRIMARY KEY,
    status         text NOT NULL,
    transaction_id text,
    amount_cents   bigint,
    updated_at     timestamptz NOT NULL DEFAULT now()
);
"""


def upgrade() -> None:
    """Create everything."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop everything."""
    op.execute(
        "DROP TABLE payments, webhook_events, upload_row_errors, debtors, uploads, api_tokens"
    )
