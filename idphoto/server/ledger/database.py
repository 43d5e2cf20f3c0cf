"""Open the database of the ledger: SQLite for one server, PostgreSQL for several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from idphoto.errors import InputError

__all__ = ["connect_for_reading", "is_sqlite", "open_database", "sqlite_path"]

SQLITE_BUSY_TIMEOUT_MS = 20_000
POSTGRES_POOL_SIZE = 8  # connections
MIGRATION_LOCK_ID = 0x1D9070  # of the advisory lock that PostgreSQL holds during a migration


def open_database(url: str) -> Engine:
    """Open the ledger, and migrate its tables to the current version.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, such as ``sqlite:////var/lib/idphoto/ledger.db`` or ``postgresql://user@host/name``.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise InputError(f"A ledger cannot be kept in {address.get_backend_name()}.", "Use SQLite or PostgreSQL.")
        if address.get_backend_name() == "sqlite":
            if address.database and address.database != ":memory:":
                file = Path(address.database)
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                file.touch(mode=0o600)  # its journals get the same mode
                file.chmod(0o600)
            engine = create_engine(address, connect_args={"check_same_thread": False})
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(address, pool_size=POSTGRES_POOL_SIZE, max_overflow=0, pool_pre_ping=True)
        _migrate(engine)
    except (SQLAlchemyError, OSError, ImportError) as cause:
        # The driver's message may contain the URL and so a password. Only the type of the error is shown.
        raise InputError(
            f"The ledger cannot be opened: {type(cause).__name__}.", "Check the URL of the database."
        ) from cause
    return engine


def is_sqlite(engine: Engine) -> bool:
    """Return True if the ledger is a SQLite database."""
    return engine.dialect.name == "sqlite"


def sqlite_path(engine: Engine) -> Path | None:
    """Return the path of the ledger's file; None if it is in PostgreSQL or in memory."""
    name = engine.url.database
    return Path(name) if is_sqlite(engine) and name and name != ":memory:" else None


def connect_for_reading(engine: Engine) -> Connection:
    """Return a connection that only reads. On SQLite it does not block writers."""
    return engine.connect().execution_options(reads=True)


def _configure_sqlite(connection: Any, _: object) -> None:
    """Set the options of a new connection to SQLite."""
    connection.isolation_level = None  # stops the driver from beginning transactions itself; see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",  # readers and the writer do not block each other
        "synchronous=FULL",  # a committed recharge is on the disk
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction on SQLite."""
    if connection.get_execution_options().get("reads"):
        connection.exec_driver_sql("BEGIN")
        return
    # A plain BEGIN takes the write lock at the first write. If another writer came first, SQLite aborts a
    # transaction that has read already. BEGIN IMMEDIATE takes the lock at once and waits for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if not is_sqlite(engine):
            # Several servers may start at the same time; one of them migrates.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK_ID})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
