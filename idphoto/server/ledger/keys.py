"""Create, find and recharge API keys.

A key consists of a public id, by which it is found, and a secret, of which only the hash is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from idphoto.errors import InputError
from idphoto.server.capabilities import COMMON_SIGN
from idphoto.server.ledger.database import connect_for_reading
from idphoto.server.ledger.tables import accounts_table, keys_table, recharges_table

if TYPE_CHECKING:
    from typing import Any

__all__ = ["MAX_RECHARGE_CREDITS", "ApiKey", "CreditAccount", "KeyStore"]

KEY_PREFIX = "idp"
MAX_KEY_NAME_LENGTH = 100  # characters
MAX_RECHARGE_CREDITS = 10**12
_DUMMY_DIGEST = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret. Times are Unix seconds."""

    id: str
    name: str
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """The credits of one key: the common ones, or those of one capability. Times are Unix seconds."""

    sign: str
    balance: int
    total: int
    last_recharge: int
    warning: int
    first_buy_at: int
    updated_at: int


class KeyStore:
    """The API keys of a ledger. Its methods block; call them in a thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create(self, name: str, amount: int = 0) -> tuple[ApiKey, str]:
        """Create a key.

        Parameters
        ----------
        name : str
            Name for the operator, at most 100 printable characters.
        amount : int
            Common credits to begin with.

        Returns
        -------
        ApiKey
            The key.
        str
            The text that the client sends: ``idp_<id>_<secret>``. It cannot be shown again.

        Raises
        ------
        InputError
            If the name is taken or not allowed.
        """
        if not name.strip() or len(name) > MAX_KEY_NAME_LENGTH or not name.isprintable():
            raise InputError(
                f"The name of a key has 1 to {MAX_KEY_NAME_LENGTH} printable characters.", "Name the key's owner."
            )
        # The secret has 256 random bits and cannot be guessed. So its hash needs no salt and need not be slow.
        public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        key = ApiKey(public, name, int(time.time()), None)
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    keys_table.insert().values(id=key.id, name=name, digest=_digest(secret), created_at=key.created_at)
                )
        except IntegrityError as cause:
            raise InputError(f"There is a key named '{name}' already.", "Choose another name.") from cause
        if amount:
            self.recharge(name, amount)
        return key, f"{KEY_PREFIX}_{public}_{secret}"

    def find(self, text: str) -> ApiKey | None:
        """Return the key for the text that a client sent, or None if it is not valid.

        The secret is compared in constant time, also if there is no key with this id.
        """
        prefix, _, rest = text.partition("_")
        public, _, secret = rest.partition("_")
        row: Row[Any] | None = None
        if prefix == KEY_PREFIX and len(public) <= 16:
            with connect_for_reading(self.engine) as connection:
                row = connection.execute(select(keys_table).where(keys_table.c.id == public)).one_or_none()
        is_valid = hmac.compare_digest(_digest(secret), row.digest if row is not None else _DUMMY_DIGEST)
        return _key_from_row(row) if row is not None and is_valid else None

    def list_all(self) -> list[tuple[ApiKey, list[CreditAccount]]]:
        """Return every key with its accounts, the oldest first."""
        with connect_for_reading(self.engine) as connection:
            rows = connection.execute(select(keys_table).order_by(keys_table.c.created_at, keys_table.c.id)).all()
        return [(_key_from_row(row), self.list_accounts(row.id)) for row in rows]

    def list_accounts(self, key_id: str) -> list[CreditAccount]:
        """Return the accounts of a key, the common one first. An empty common account is added if there is none."""
        columns = [column for column in accounts_table.c if column.name != "key_id"]
        with connect_for_reading(self.engine) as connection:
            rows = connection.execute(select(*columns).where(accounts_table.c.key_id == key_id)).all()
        found = sorted(
            (CreditAccount(*row) for row in rows), key=lambda account: (account.sign != COMMON_SIGN, account.sign)
        )
        has_common = bool(found) and found[0].sign == COMMON_SIGN
        return found if has_common else [CreditAccount(COMMON_SIGN, 0, 0, 0, 0, 0, 0), *found]

    def disable(self, name: str) -> ApiKey:
        """Lock a key, given by its name or id. Its running requests are finished; new ones are refused.

        Raises
        ------
        InputError
            If there is no such key.
        """
        key = self._find_named(name)
        disabled_at = key.disabled_at or int(time.time())
        with self.engine.begin() as connection:
            connection.execute(update(keys_table).where(keys_table.c.id == key.id).values(disabled_at=disabled_at))
        return ApiKey(key.id, key.name, key.created_at, disabled_at)

    def recharge(self, name: str, amount: int, sign: str = COMMON_SIGN) -> CreditAccount:
        """Add credits to a key, given by its name or id.

        Parameters
        ----------
        name : str
            Name or id of the key.
        amount : int
            Number of credits.
        sign : str
            Kind of the credits: ``common``, or the sign of a capability.

        Raises
        ------
        InputError
            If there is no such key, or if `amount` is below 1 or above `MAX_RECHARGE_CREDITS`.
        """
        if not 0 < amount <= MAX_RECHARGE_CREDITS:
            raise InputError(f"{amount} is not a valid number of credits.", "Add one or more.")
        key, now = self._find_named(name), int(time.time())
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        new_account = {
            "key_id": key.id, "sign": sign, "balance": amount, "total": amount, "last_recharge": amount,
            "warning": 0, "first_buy_at": now, "updated_at": now,
        }  # fmt: skip
        changes = {
            "balance": accounts_table.c.balance + amount, "total": accounts_table.c.total + amount,
            "last_recharge": amount, "updated_at": now,
        }  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(
                insert(accounts_table)
                .values(new_account)
                .on_conflict_do_update(index_elements=["key_id", "sign"], set_=changes)
            )
            connection.execute(
                recharges_table.insert().values(
                    id=secrets.token_hex(16), key_id=key.id, sign=sign, credits=amount, at=now
                )
            )
        return next(account for account in self.list_accounts(key.id) if account.sign == sign)

    def _find_named(self, name: str) -> ApiKey:
        with connect_for_reading(self.engine) as connection:
            named = (keys_table.c.name == name) | (keys_table.c.id == name)
            row = connection.execute(select(keys_table).where(named)).first()
        if row is None:
            raise InputError(f"There is no key '{name}'.", "List all keys with 'idphoto keys list'.")
        return _key_from_row(row)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key_from_row(row: Row[Any]) -> ApiKey:
    return ApiKey(row.id, row.name, row.created_at, row.disabled_at)
