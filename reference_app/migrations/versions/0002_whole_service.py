"""Scoped tokens, mapped and blacklisted uploads, billing, reconciliation, name checks.

Revision ID: 0002
Revises: 0001

Expands only: the code before this one goes on working while nodes are replaced one by one.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_EXPAND = """
ALTER TABLE api_tokens
    ADD scopes     text[] NOT NULL DEFAULT ARRAY['uploads:read', 'uploads:write', 'billing'],
    ADD expires_at timestamptz,
    ADD revoked_at timestamptz;

ALTER TABLE uploads
    ADD media_type        text NOT NULL DEFAULT 'text/csv',
    ADD rows_blacklisted  integer NOT NULL DEFAULT 0,
    -- The headers found in the file and what they were taken for, until somebody confirms it.
    ADD headers           text[],
    ADD suggested_mapping jsonb,
    ALTER column_mapping DROP NOT NULL,
    DROP CONSTRAINT uploads_status_check,
    DROP CONSTRAINT uploads_check,
    ADD CONSTRAINT uploads_status_check CHECK (
        status IN ('pending', 'processing', 'awaiting_mapping', 'completed', 'failed')),
    ADD CONSTRAINT uploads_counts_check CHECK (
        rows_total = rows_created + rows_duplicate + rows_invalid + rows_blacklisted);

-- Duplicates across files are looked up by what makes two debts the same.
CREATE INDEX debtors_same ON debtors (account, iban, amount_cents);

CREATE TABLE blacklisted_ibans (
    iban        text NOT NULL,
    reason_code text NOT NULL,
    level       text NOT NULL CHECK (level IN ('block', 'review')),
    unique_id   text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (iban, reason_code)
);

ALTER TABLE webhook_events
    ADD kind           text NOT NULL DEFAULT 'processing',
    ADD source         text NOT NULL DEFAULT 'webhook'
        CHECK (source IN ('webhook', 'reconciliation')),
    ADD payment_status text,
    ADD reason_code    text,
    ADD reason         text;
CREATE INDEX webhook_events_unknown ON webhook_events (id) WHERE payment_status = 'unknown';

-- The notification that decided the status, so that any order of the same ones decides alike.
ALTER TABLE payments
    ADD gateway_status text NOT NULL DEFAULT '',
    ADD event          text NOT NULL DEFAULT '',
    ADD reason_code    text;

CREATE TABLE billing_attempts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- One debit per debtor, whatever runs again: the row is there before the gateway is called.
    debtor_id       bigint NOT NULL UNIQUE REFERENCES debtors (id),
    upload_id       uuid NOT NULL REFERENCES uploads (id),
    -- Ours, sent along, so that an attempt whose answer was lost can be asked for.
    transaction_id  text NOT NULL UNIQUE,
    unique_id       text UNIQUE,
    status          text NOT NULL CHECK (status IN ('sending', 'unknown', 'sent', 'rejected')),
    error           text,
    reconcile_tries integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX billing_attempts_upload ON billing_attempts (upload_id);
CREATE INDEX billing_attempts_open ON billing_attempts (updated_at) WHERE status <> 'rejected';

CREATE TABLE payee_checks (
    debtor_id    bigint PRIMARY KEY REFERENCES debtors (id),
    result       text NOT NULL
        CHECK (result IN ('match', 'close_match', 'no_match', 'unavailable')),
    matched_name text,
    checked_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sync_cursors (
    name       text PRIMARY KEY,
    day        date NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
"""

_CONTRACT = """
DROP TABLE sync_cursors, payee_checks, billing_attempts, blacklisted_ibans;
ALTER TABLE payments DROP gateway_status, DROP event, DROP reason_code;
DROP INDEX webhook_events_unknown;
ALTER TABLE webhook_events DROP kind, DROP source, DROP payment_status, DROP reason_code,
    DROP reason;
DROP INDEX debtors_same;
DELETE FROM upload_row_errors WHERE upload_id IN (
    SELECT id FROM uploads WHERE status = 'awaiting_mapping');
DELETE FROM uploads WHERE status = 'awaiting_mapping' OR column_mapping IS NULL;
UPDATE uploads SET rows_invalid = rows_invalid + rows_blacklisted, rows_blacklisted = 0;
ALTER TABLE uploads
    DROP CONSTRAINT uploads_status_check,
    DROP CONSTRAINT uploads_counts_check,
    DROP media_type, DROP rows_blacklisted, DROP headers, DROP suggested_mapping,
    ALTER column_mapping SET NOT NULL,
    ADD CONSTRAINT uploads_status_check CHECK (
        status IN ('pending', 'processing', 'completed', 'failed')),
    ADD CONSTRAINT uploads_check CHECK (rows_total = rows_created + rows_duplicate + rows_invalid);
ALTER TABLE api_tokens DROP scopes, DROP expires_at, DROP revoked_at;
"""


def upgrade() -> None:
    """Add what the whole service needs."""
    op.execute(_EXPAND)


def downgrade() -> None:
    """Go back to the thin service; uploads that wait for their mapping are dropped."""
    op.execute(_CONTRACT)
