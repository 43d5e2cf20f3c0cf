"""Spend credits: reserve them while a request runs, then settle or release the reservation."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, Table, func, select, update

from idphoto.server.capabilities import COMMON_SIGN
from idphoto.server.ledger.answers import KeptAnswer, finish_answer
from idphoto.server.ledger.database import connect_for_reading
from idphoto.server.ledger.tables import (
    SPEND_HELD,
    SPEND_RETURNED,
    SPEND_SETTLED,
    accounts_table,
    recharges_table,
    spends_table,
)
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idphoto.server.capabilities import Capability

__all__ = ["CreditStore", "Reservation"]


class Reservation(NamedTuple):
    """Credits that are reserved for one request."""

    id: str
    credits: int


class CreditStore:
    """The credit accounts of a ledger. Its methods block; call them in a thread.

    Parameters
    ----------
    engine : Engine
        The ledger.
    server : str
        Id of this server. It is noted with each reservation.
    """

    def __init__(self, engine: Engine, server: str) -> None:
        self.engine = engine
        self.server = server

    def reserve(self, key_id: str, capability: Capability, count: int = 1) -> Reservation:
        """Reserve the price of a request.

        The credits of the capability are taken if they suffice, otherwise the common credits.

        Parameters
        ----------
        key_id : str
            Id of the API key that pays.
        capability : Capability
            The capability that was requested.
        count : int
            Number of times that its price is reserved.

        Raises
        ------
        RequestRefused
            If neither balance suffices.
        """
        price = capability.credits * count
        with self.engine.begin() as connection:
            for sign in dict.fromkeys((capability.sign, COMMON_SIGN)):
                if self._take_from_balance(connection, key_id, sign, price):
                    return self._hold(connection, key_id, sign, capability.name, price)
        raise _balance_too_low(price)

    def check_balance(self, key_id: str, capability: Capability) -> None:
        """Refuse a request that its key cannot pay. Call it before the upload is read; `reserve` decides.

        Raises
        ------
        RequestRefused
            If neither balance suffices for the least that a success costs.
        """
        price = capability.credits * capability.at_least
        if not price:
            return
        enough = (
            select(accounts_table.c.balance)
            .where(accounts_table.c.key_id == key_id, accounts_table.c.sign.in_((capability.sign, COMMON_SIGN)))
            .where(accounts_table.c.balance >= price)
        )
        with connect_for_reading(self.engine) as connection:
            if connection.execute(enough).first() is None:
                raise _balance_too_low(price)

    def settle(
        self, reservation: Reservation, amount: int | None = None, answered: tuple[str, KeptAnswer] | None = None
    ) -> bool:
        """Spend a reservation, and return its rest to the account.

        Parameters
        ----------
        reservation : Reservation
            The reservation.
        amount : int, optional
            Credits to spend; the whole reservation if not given.
        answered : tuple of str and KeptAnswer, optional
            Row and content of the answer that is noted in the same transaction; see :class:`AnswerStore`.

        Returns
        -------
        bool
            False if the reservation was settled or released before.
        """
        now = int(time.time())
        spent = reservation.credits if amount is None else amount
        with self.engine.begin() as connection:
            held = (
                select(spends_table)
                .where(spends_table.c.id == reservation.id, spends_table.c.state == SPEND_HELD)
                .with_for_update()
            )
            row = connection.execute(held).one_or_none()
            if row is None:
                return False
            state = SPEND_SETTLED if spent else SPEND_RETURNED
            connection.execute(
                update(spends_table)
                .where(spends_table.c.id == row.id)
                .values(state=state, credits=spent or row.credits, closed_at=now)
            )
            if spent != row.credits:
                self._add_to_balance(connection, row.key_id, row.sign, row.credits - spent)
            if answered is not None:
                finish_answer(connection, *answered)
        return True

    def release(self, reservation: Reservation) -> bool:
        """Return a reservation to its account. The result is False if it was settled or released before."""
        with self.engine.begin() as connection:
            return self._release(connection, [reservation.id]) == 1

    def check_connection(self) -> None:
        """Query the database once. Errors of its driver are passed on."""
        with connect_for_reading(self.engine) as connection:
            connection.execute(select(1))

    def list_reserving_servers(self) -> set[str]:
        """Return the ids of all servers that have open reservations."""
        with connect_for_reading(self.engine) as connection:
            held = select(spends_table.c.server).where(spends_table.c.state == SPEND_HELD).distinct()
            return set(connection.scalars(held))

    def release_all_of(self, servers: Iterable[str]) -> int:
        """Release all reservations of some servers, and return their number. Call it for dead servers only."""
        with self.engine.begin() as connection:
            held = select(spends_table.c.id).where(
                spends_table.c.state == SPEND_HELD, spends_table.c.server.in_(list(servers))
            )
            return self._release(connection, list(connection.scalars(held)))

    def find_discrepancies(self) -> list[str]:
        """List the accounts whose balance is not the sum of their recharges minus their spends.

        The list is empty unless there is a bug in the code or somebody has changed the database by hand.
        """
        with self.engine.begin() as connection:
            bought = _sum_by_account(connection, recharges_table)
            spent = _sum_by_account(connection, spends_table)
            rows = connection.execute(
                select(accounts_table.c.key_id, accounts_table.c.sign, accounts_table.c.balance)
            ).all()
        return [
            f"{row.key_id} {row.sign}: {row.balance}"
            for row in rows
            if row.balance != bought.get((row.key_id, row.sign), 0) - spent.get((row.key_id, row.sign), 0)
        ]

    @staticmethod
    def _take_from_balance(connection: Connection, key_id: str, sign: str, price: int) -> bool:
        """Subtract a price from a balance; return False if the balance is lower."""
        # One statement compares and subtracts, so that two requests cannot both take the last credit.
        taken = connection.execute(
            update(accounts_table)
            .where(
                accounts_table.c.key_id == key_id,
                accounts_table.c.sign == sign,
                accounts_table.c.balance >= price,
            )
            .values(balance=accounts_table.c.balance - price, updated_at=int(time.time()))
        )
        return bool(taken.rowcount)

    def _hold(self, connection: Connection, key_id: str, sign: str, capability: str, price: int) -> Reservation:
        """Note a price that was taken from a balance as a reservation of this server."""
        reservation = Reservation(secrets.token_hex(16), price)
        connection.execute(
            spends_table.insert().values(
                id=reservation.id,
                key_id=key_id,
                sign=sign,
                capability=capability,
                credits=price,
                state=SPEND_HELD,
                server=self.server,
                created_at=int(time.time()),
            )
        )
        return reservation

    def _release(self, connection: Connection, ids: list[str]) -> int:
        now, count = int(time.time()), 0
        for reservation_id in ids:
            row = connection.execute(
                update(spends_table)
                .where(spends_table.c.id == reservation_id, spends_table.c.state == SPEND_HELD)
                .values(state=SPEND_RETURNED, closed_at=now)
                .returning(spends_table.c.key_id, spends_table.c.sign, spends_table.c.credits)
            ).one_or_none()
            if row is not None:
                self._add_to_balance(connection, row.key_id, row.sign, row.credits)
                count += 1
        return count

    @staticmethod
    def _add_to_balance(connection: Connection, key_id: str, sign: str, amount: int) -> None:
        connection.execute(
            update(accounts_table)
            .where(accounts_table.c.key_id == key_id, accounts_table.c.sign == sign)
            .values(balance=accounts_table.c.balance + amount, updated_at=int(time.time()))
        )


def _balance_too_low(price: int) -> RequestRefused:
    return RequestRefused(RefusalReason.NO_CREDITS, f"This request costs {price} credits, and the balance is lower.")


def _sum_by_account(connection: Connection, table: Table) -> dict[tuple[str, str], int]:
    """Add up the credits of each account in a table of recharges or of spends that were not returned."""
    query = select(table.c.key_id, table.c.sign, func.sum(table.c.credits)).group_by(table.c.key_id, table.c.sign)
    if table is spends_table:
        query = query.where(table.c.state != SPEND_RETURNED)
    return {(row.key_id, row.sign): int(row[2]) for row in connection.execute(query)}
