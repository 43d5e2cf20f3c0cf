"""Which servers are alive, so that what the dead ones held can be given back.

No clocks and no time-outs: a living server holds a lock that its end releases, however it ends.
On SQLite that is a lock on a file beside the database, and there is one server per database. On
PostgreSQL it is an advisory lock, which the database releases when the connection is gone.
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
    """The lock that a server holds while it lives.

    Parameters
    ----------
    engine : Engine
        The ledger.

    Attributes
    ----------
    id : str
        Of this server, new each time.

    Raises
    ------
    InputError
        If the ledger is a file that another server uses.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.id = str(secrets.randbits(62))
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None
        if is_sqlite(engine):
            self._lock_file()
        else:
            self._connect()

    def dead(self, servers: Iterable[str]) -> set[str]:
        """Those of some servers that are not alive."""
        others = {server for server in servers if server != self.id}
        if is_sqlite(self.engine):
            return others  # whoever had this file has let it go
        self._connect()
        return {server for server in others if self._free(server)}

    def close(self) -> None:
        """Let go of the lock."""
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

    def _connect(self) -> None:
        """Take the advisory lock, again if the connection that had it was lost."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
                return
            except Exception:  # whatever the driver calls a lost connection
                self._connection.invalidate()
                self._connection.close()
        self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.execute(text("SELECT pg_advisory_lock(:id)"), {"id": int(self.id)})

    def _free(self, server: str) -> bool:
        assert self._connection is not None
        key = {"id": int(server)}
        if not self._connection.execute(text("SELECT pg_try_advisory_lock(:id)"), key).scalar_one():
            return False
        self._connection.execute(text("SELECT pg_advisory_unlock(:id)"), key)
        return True
