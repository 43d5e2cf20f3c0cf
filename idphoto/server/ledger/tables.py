"""The tables of the ledger. Times are Unix seconds; changes go into a new file of ``migrations``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

__all__ = ["HELD", "RETURNED", "SETTLED", "accounts", "keys", "metadata", "recharges", "spends"]

# Named as the database would name them, so that migrations can find them again.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

HELD, SETTLED, RETURNED = "held", "settled", "returned"

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the secret half; the key itself is kept nowhere
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

accounts = Table(
    "accounts",
    metadata,
    Column("key_id", String(16), ForeignKey("keys.id"), nullable=False),
    Column("sign", String(60), nullable=False),
    Column("balance", BigInteger, CheckConstraint("balance >= 0", name="not_below_zero"), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("last_recharge", BigInteger, nullable=False),
    Column("warning", BigInteger, nullable=False),
    Column("first_buy_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("key_id", "sign"),
)

recharges = Table(
    "recharges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key_id", String(16), ForeignKey("keys.id"), nullable=False),
    Column("sign", String(60), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

spends = Table(
    "spends",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key_id", String(16), ForeignKey("keys.id"), nullable=False),
    Column("sign", String(60), nullable=False),  # of the account that paid
    Column("capability", String(40), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("server", String(24), nullable=False),  # that holds it; see presence.py
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    CheckConstraint("state IN ('held', 'settled', 'returned')", name="state"),
    Index("ix_spends_held", "state", "server"),
    Index("ix_spends_key_id", "key_id", "created_at"),
)
