"""Tell which servers are alive, so that the reservations of dead ones can be released.

Every server holds a lock for as long as it runs. The lock is released when the process ends, in whatever way it
ends; so no clocks are compared and no time-outs are needed. On SQLite it is a lock on a file beside the database, and
a database has one server. On PostgreSQL it is an advisory lock, which the database releases when the connection ends.
"""

from __future__ import annotations

import secrets
from typing import IO, TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from idphoto.errors import InputError
from idphoto.server.ledger.database import is_sqlite, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ServerLock"]


class ServerLock:
    """The lock that a server holds while it runs. It is taken when the object is created.

    Parameters
    ----------
    engine : Engine
        The ledger.

    Attributes
    ----------
    id : str
        Random id of this server.

    Raises
    ------
    InputError
        If the ledger is a SQLite file that another server uses.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.id = str(secrets.randbits(62))
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None
        if is_sqlite(engine):
            self._lock_file()
        else:
            self._hold_advisory_lock()

    def find_dead(self, servers: Iterable[str]) -> set[str]:
        """Return the ids of those `servers` that hold no lock any more."""
        others = {server for server in servers if server != self.id}
        if is_sqlite(self.engine):
            return others  # this server holds the lock of the file, so all others have ended
        self._hold_advisory_lock()
        return {server for server in others if self._is_unlocked(server)}

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            self._connection.close()

    def _lock_file(self) -> None:
        import fcntl

        path = sqlite_path(self.engine)
        if path is None:
            return
        self._file = path.with_name(f"{path.name}.server").open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            self._file.close()
            raise InputError(
                f"Another server uses the ledger {path}.", "Stop it, or keep the ledger in PostgreSQL."
            ) from cause

    def _hold_advisory_lock(self) -> None:
        """Take the advisory lock; take it again if the connection that held it was lost."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
                return
            except Exception:  # each driver has its own error for a lost connection
                self._connection.invalidate()
                self._connection.close()
        self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.execute(text("SELECT pg_advisory_lock(:id)"), {"id": int(self.id)})

    def _is_unlocked(self, server: str) -> bool:
        assert self._connection is not None
        key = {"id": int(server)}
        if not self._connection.execute(text("SELECT pg_try_advisory_lock(:id)"), key).scalar_one():
            return False
        self._connection.execute(text("SELECT pg_advisory_unlock(:id)"), key)
        return True
