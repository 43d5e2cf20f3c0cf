"""Spending: credits are held while a request is worked on, and settled or given back at its end."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, func, select, update

from idphoto.server.capabilities import COMMON
from idphoto.server.ledger.database import reading
from idphoto.server.ledger.tables import HELD, RETURNED, SETTLED, accounts, recharges, spends
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idphoto.server.capabilities import Capability

__all__ = ["CreditStore", "Reservation"]


class Reservation(NamedTuple):
    """Credits that are held for one request."""

    id: str
    credits: int


class CreditStore:
    """The accounts of a ledger. Blocks while it reads and writes; call it from a thread.

    Parameters
    ----------
    engine : Engine
        The ledger.
    server : str
        Id of the server that holds what is reserved here.
    """

    def __init__(self, engine: Engine, server: str) -> None:
        self.engine = engine
        self.server = server

    def reserve(self, key_id: str, capability: Capability, count: int = 1) -> Reservation:
        """Hold the price of a request: of the capability's own credits if they suffice, else of common ones.

        Raises
        ------
        RequestRefused
            If neither suffices.
        """
        price = capability.credits * count
        reservation = Reservation(secrets.token_hex(16), price)
        now = int(time.time())
        with self.engine.begin() as connection:
            for sign in dict.fromkeys((capability.sign, COMMON)):
                # One statement decides and takes: two requests cannot both see the last credit.
                taken = connection.execute(
                    update(accounts)
                    .where(accounts.c.key_id == key_id, accounts.c.sign == sign, accounts.c.balance >= price)
                    .values(balance=accounts.c.balance - price, updated_at=now)
                )
                if taken.rowcount:
                    connection.execute(
                        spends.insert().values(
                            id=reservation.id,
                            key_id=key_id,
                            sign=sign,
                            capability=capability.name,
                            credits=price,
                            state=HELD,
                            server=self.server,
                            created_at=now,
                        )
                    )
                    return reservation
        raise RequestRefused(RefusalReason.NO_CREDITS, f"This costs {price} credits; the balance is lower.")

    def settle(self, reservation: Reservation, amount: int | None = None) -> bool:
        """Spend what was held, or `amount` of it; False if it had been given back meanwhile."""
        now = int(time.time())
        spent = reservation.credits if amount is None else amount
        with self.engine.begin() as connection:
            held = select(spends).where(spends.c.id == reservation.id, spends.c.state == HELD).with_for_update()
            row = connection.execute(held).one_or_none()
            if row is None:
                return False
            connection.execute(
                update(spends)
                .where(spends.c.id == row.id)
                .values(state=SETTLED if spent else RETURNED, credits=spent or row.credits, closed_at=now)
            )
            if spent != row.credits:
                self._grow(connection, row.key_id, row.sign, row.credits - spent)
        return True

    def give_back(self, reservation: Reservation) -> bool:
        """Give back what was held; False if that had happened already."""
        with self.engine.begin() as connection:
            return self._return(connection, [reservation.id]) == 1

    def ping(self) -> None:
        """Look whether the database is there; raises what its driver raises."""
        with reading(self.engine) as connection:
            connection.execute(select(1))

    def holders(self) -> set[str]:
        """Ids of the servers that hold credits."""
        with reading(self.engine) as connection:
            return set(connection.scalars(select(spends.c.server).where(spends.c.state == HELD).distinct()))

    def recover(self, dead: Iterable[str]) -> int:
        """Give back all that servers which have died held; returns how many reservations that were."""
        with self.engine.begin() as connection:
            ids = list(
                connection.scalars(select(spends.c.id).where(spends.c.state == HELD, spends.c.server.in_(list(dead))))
            )
            return self._return(connection, ids)

    def faults(self) -> list[str]:
        """Accounts whose balance is not what recharges and spends come to; none, ever."""
        with self.engine.begin() as connection:
            bought = {
                (row.key_id, row.sign): int(row[2])
                for row in connection.execute(
                    select(recharges.c.key_id, recharges.c.sign, func.sum(recharges.c.credits)).group_by(
                        recharges.c.key_id, recharges.c.sign
                    )
                )
            }
            spent = {
                (row.key_id, row.sign): int(row[2])
                for row in connection.execute(
                    select(spends.c.key_id, spends.c.sign, func.sum(spends.c.credits))
                    .where(spends.c.state != RETURNED)
                    .group_by(spends.c.key_id, spends.c.sign)
                )
            }
            rows = connection.execute(select(accounts.c.key_id, accounts.c.sign, accounts.c.balance)).all()
        return [
            f"{row.key_id} {row.sign}: {row.balance}"
            for row in rows
            if row.balance != bought.get((row.key_id, row.sign), 0) - spent.get((row.key_id, row.sign), 0)
        ]

    def _return(self, connection: Connection, ids: list[str]) -> int:
        now, count = int(time.time()), 0
        for one in ids:
            row = connection.execute(
                update(spends)
                .where(spends.c.id == one, spends.c.state == HELD)
                .values(state=RETURNED, closed_at=now)
                .returning(spends.c.key_id, spends.c.sign, spends.c.credits)
            ).one_or_none()
            if row is not None:
                self._grow(connection, row.key_id, row.sign, row.credits)
                count += 1
        return count

    @staticmethod
    def _grow(connection: Connection, key_id: str, sign: str, amount: int) -> None:
        connection.execute(
            update(accounts)
            .where(accounts.c.key_id == key_id, accounts.c.sign == sign)
            .values(balance=accounts.c.balance + amount, updated_at=int(time.time()))
        )
