"""Remember the answers of requests that were sent with an Idempotency-Key, so that each is worked on and paid once.

A row is made when the work of such a request begins, and removed if it fails. It is finished in the same transaction
that settles its credits. The answer itself is kept by the store of results. Rows of servers that died in between are
removed with their reservations.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.exc import IntegrityError

from idphoto.server.ledger.tables import answers_table
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AnswerStore", "KeptAnswer"]

RETRY_AFTER_RUNNING_S = 2


class KeptAnswer(NamedTuple):
    """What is known of the answer to an earlier request."""

    media_type: str
    disposition: str
    result: str
    """Name of the file in the store of results that holds the body."""


class AnswerStore:
    """The answers that a ledger knows. Its methods block; call them in a thread.

    Parameters
    ----------
    engine : Engine
        The ledger.
    server : str
        Id of this server.
    seconds : int
        Time for which an answer is kept.
    """

    def __init__(self, engine: Engine, server: str, seconds: int) -> None:
        self.engine = engine
        self.server = server
        self.seconds = seconds

    def begin(self, key_id: str, name: str, request: str) -> tuple[str, KeptAnswer | None]:
        """Note that the work of a request begins, or find the answer of an earlier one.

        Parameters
        ----------
        key_id : str
            Id of the API key.
        name : str
            The Idempotency-Key. Only its hash is stored.
        request : str
            Hash of all that the answer depends on.

        Returns
        -------
        str
            Id of the row.
        KeptAnswer or None
            The earlier answer; None if the work is to be done now.

        Raises
        ------
        RequestRefused
            If the earlier request was another one, or is still worked on.
        """
        row_id = hashlib.sha256(f"{key_id} {name}".encode()).hexdigest()
        now = int(time.time())
        with self.engine.begin() as connection:
            expired = answers_table.c.created_at <= now - self.seconds
            connection.execute(delete(answers_table).where(answers_table.c.id == row_id, expired))
            row = connection.execute(select(answers_table).where(answers_table.c.id == row_id)).one_or_none()
            if row is None:
                new = {"id": row_id, "request": request, "server": self.server, "created_at": now}
                try:
                    with connection.begin_nested():
                        connection.execute(answers_table.insert().values(new))
                    return row_id, None
                except IntegrityError:  # another server has been faster
                    row = connection.execute(select(answers_table).where(answers_table.c.id == row_id)).one()
        if row.request != request:
            raise RequestRefused(
                RefusalReason.KEY_REUSED, "This Idempotency-Key belongs to another request.", advice="Send a new one."
            )
        if row.result is None:
            raise RequestRefused(
                RefusalReason.STILL_RUNNING,
                "The request with this Idempotency-Key is still worked on.",
                retry_after=RETRY_AFTER_RUNNING_S,
            )
        return row_id, KeptAnswer(row.media_type, row.disposition, row.result)

    def forget(self, row_id: str) -> None:
        """Remove the row of a request that failed, so that it can be sent again."""
        with self.engine.begin() as connection:
            connection.execute(
                delete(answers_table).where(answers_table.c.id == row_id, answers_table.c.result.is_(None))
            )

    def finish(self, row_id: str, answer: KeptAnswer) -> None:
        """Note the answer of a request that costs nothing."""
        with self.engine.begin() as connection:
            finish_answer(connection, row_id, answer)

    def list_working_servers(self) -> set[str]:
        """Return the ids of all servers that work on such requests."""
        with self.engine.begin() as connection:
            unfinished = select(answers_table.c.server).where(answers_table.c.result.is_(None)).distinct()
            return set(connection.scalars(unfinished))

    def clean_up(self, dead: Iterable[str]) -> None:
        """Remove rows that have expired, and those on which dead servers worked."""
        with self.engine.begin() as connection:
            expired = answers_table.c.created_at <= int(time.time()) - self.seconds
            abandoned = answers_table.c.result.is_(None) & answers_table.c.server.in_(list(dead))
            connection.execute(delete(answers_table).where(expired | abandoned))


def finish_answer(connection: Connection, row_id: str, answer: KeptAnswer) -> None:
    """Note an answer within a transaction."""
    connection.execute(
        update(answers_table)
        .where(answers_table.c.id == row_id)
        .values(media_type=answer.media_type, disposition=answer.disposition, result=answer.result)
    )
