"""API keys: a public half to find them by, and a secret half of which only the hash is kept."""

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
from idphoto.server.capabilities import COMMON
from idphoto.server.ledger.database import reading
from idphoto.server.ledger.tables import accounts, keys, recharges

if TYPE_CHECKING:
    from typing import Any

__all__ = ["MAX_CREDITS", "ApiKey", "CreditAccount", "KeyStore"]

PREFIX = "idp"
MAX_CREDITS = 10**12
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, without its secret."""

    id: str
    name: str
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """Credits of one key: common ones, or those of one capability. Times are Unix seconds."""

    sign: str
    balance: int
    total: int
    last_recharge: int
    warning: int
    first_buy_at: int
    updated_at: int


class KeyStore:
    """The keys of a ledger. Blocks while it reads and writes; call it from a thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create(self, name: str, amount: int = 0) -> tuple[ApiKey, str]:
        """Make a key.

        Returns
        -------
        ApiKey
            The key.
        str
            What to send; it cannot be told again.

        Raises
        ------
        InputError
            If the name is taken, or is no name.
        """
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise InputError("A key needs a name of at most 100 letters.", "Name whom it is for.")
        # 256 bits: no salt and no slow hash are needed, since nobody can guess it, however fast.
        public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        key = ApiKey(public, name, int(time.time()), None)
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    keys.insert().values(id=key.id, name=name, digest=_digest(secret), created_at=key.created_at)
                )
        except IntegrityError as cause:
            raise InputError(f"There is a key named '{name}' already.", "Choose another name.") from cause
        if amount:
            self.recharge(name, amount)
        return key, f"{PREFIX}_{public}_{secret}"

    def find(self, text: str) -> ApiKey | None:
        """The key that somebody sent; None if it is none of ours. Takes equally long for any secret."""
        prefix, _, rest = text.partition("_")
        public, _, secret = rest.partition("_")
        row: Row[Any] | None = None
        if prefix == PREFIX and len(public) <= 16:
            with reading(self.engine) as connection:
                row = connection.execute(select(keys).where(keys.c.id == public)).one_or_none()
        known = hmac.compare_digest(_digest(secret), row.digest if row is not None else _NOBODY)
        return _key(row) if row is not None and known else None

    def all(self) -> list[tuple[ApiKey, list[CreditAccount]]]:
        """Every key with its accounts, the oldest first."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(keys).order_by(keys.c.created_at, keys.c.id)).all()
        return [(_key(row), self.accounts(row.id)) for row in rows]

    def accounts(self, key_id: str) -> list[CreditAccount]:
        """Accounts of a key, the common one first."""
        columns = [column for column in accounts.c if column.name != "key_id"]
        with reading(self.engine) as connection:
            rows = connection.execute(select(*columns).where(accounts.c.key_id == key_id)).all()
        found = sorted(
            (CreditAccount(*row) for row in rows), key=lambda account: (account.sign != COMMON, account.sign)
        )
        return found if found and found[0].sign == COMMON else [CreditAccount(COMMON, 0, 0, 0, 0, 0, 0), *found]

    def disable(self, name: str) -> ApiKey:
        """Lock a key, by its name or id. What runs is finished; nothing new begins.

        Raises
        ------
        InputError
            If there is no such key.
        """
        key = self._named(name)
        at = key.disabled_at or int(time.time())
        with self.engine.begin() as connection:
            connection.execute(update(keys).where(keys.c.id == key.id).values(disabled_at=at))
        return ApiKey(key.id, key.name, key.created_at, at)

    def recharge(self, name: str, amount: int, sign: str = COMMON) -> CreditAccount:
        """Add credits to a key, by its name or id.

        Raises
        ------
        InputError
            If there is no such key, or the number is no number of credits.
        """
        if not 0 < amount <= MAX_CREDITS:
            raise InputError(f"{amount} is no number of credits.", "Add one or more.")
        key, now = self._named(name), int(time.time())
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        row = {
            "key_id": key.id, "sign": sign, "balance": amount, "total": amount, "last_recharge": amount,
            "warning": 0, "first_buy_at": now, "updated_at": now,
        }  # fmt: skip
        grown = {
            "balance": accounts.c.balance + amount, "total": accounts.c.total + amount,
            "last_recharge": amount, "updated_at": now,
        }  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(
                insert(accounts).values(row).on_conflict_do_update(index_elements=["key_id", "sign"], set_=grown)
            )
            connection.execute(
                recharges.insert().values(id=secrets.token_hex(16), key_id=key.id, sign=sign, credits=amount, at=now)
            )
        return next(account for account in self.accounts(key.id) if account.sign == sign)

    def _named(self, name: str) -> ApiKey:
        with reading(self.engine) as connection:
            row = connection.execute(select(keys).where((keys.c.name == name) | (keys.c.id == name))).first()
        if row is None:
            raise InputError(f"There is no key '{name}'.", "List all with 'idphoto keys list'.")
        return _key(row)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(row.id, row.name, row.created_at, row.disabled_at)
