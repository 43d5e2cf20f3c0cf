"""Define the tables of the ledger. Times are Unix seconds.

A change of the tables needs a new file in ``migrations/versions``.
"""

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

__all__ = [
    "SPEND_HELD",
    "SPEND_RETURNED",
    "SPEND_SETTLED",
    "accounts_table",
    "answers_table",
    "keys_table",
    "metadata",
    "recharges_table",
    "spends_table",
]

# Constraints have fixed names on all databases, so that migrations can refer to them.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

SPEND_HELD, SPEND_SETTLED, SPEND_RETURNED = "held", "settled", "returned"

keys_table = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the secret, which is stored nowhere
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

accounts_table = Table(
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

recharges_table = Table(
    "recharges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key_id", String(16), ForeignKey("keys.id"), nullable=False),
    Column("sign", String(60), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

spends_table = Table(
    "spends",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key_id", String(16), ForeignKey("keys.id"), nullable=False),
    Column("sign", String(60), nullable=False),  # account that pays
    Column("capability", String(40), nullable=False),
    Column("credits", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("server", String(24), nullable=False),  # that made the reservation; see server_lock.py
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    CheckConstraint("state IN ('held', 'settled', 'returned')", name="state"),
    Index("ix_spends_held", "state", "server"),
    Index("ix_spends_key_id", "key_id", "created_at"),
)

answers_table = Table(
    "answers",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of the API key's id and the Idempotency-Key
    Column("request", String(64), nullable=False),  # hash of all that the answer depends on
    Column("server", String(24), nullable=False),  # that works on it; see server_lock.py
    Column("created_at", BigInteger, nullable=False),
    Column("media_type", String(100)),
    Column("disposition", String(200)),
    Column("result", String(100)),  # name of the body in the store of results; null while it is worked on
    Index("ix_answers_created_at", "created_at"),
)
