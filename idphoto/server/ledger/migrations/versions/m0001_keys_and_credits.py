"""Create the tables of keys, accounts, recharges and spends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("name", name="uq_keys_name"),
    )
    op.create_table(
        "accounts",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sign", sa.String(60), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("last_recharge", sa.BigInteger(), nullable=False),
        sa.Column("warning", sa.BigInteger(), nullable=False),
        sa.Column("first_buy_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance >= 0", name="ck_accounts_not_below_zero"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_accounts_key_id"),
        sa.PrimaryKeyConstraint("key_id", "sign", name="pk_accounts"),
    )
    op.create_table(
        "recharges",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sign", sa.String(60), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_recharges_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recharges"),
    )
    op.create_table(
        "spends",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sign", sa.String(60), nullable=False),
        sa.Column("capability", sa.String(40), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("server", sa.String(24), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'settled', 'returned')", name="ck_spends_state"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_spends_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_spends"),
    )
    op.create_index("ix_spends_held", "spends", ["state", "server"])
    op.create_index("ix_spends_key_id", "spends", ["key_id", "created_at"])


def downgrade() -> None:
    """Drop the tables."""
    for name in ("spends", "recharges", "accounts", "keys"):
        op.drop_table(name)
