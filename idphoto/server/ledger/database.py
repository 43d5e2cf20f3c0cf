"""Opening the ledger's database: SQLite for one machine, PostgreSQL for several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from idphoto.errors import InputError

__all__ = ["is_sqlite", "open_database", "reading", "sqlite_path"]

BUSY = 20_000  # milliseconds that SQLite waits for another writer
MIGRATING = 0x1D9070  # key of the advisory lock under which PostgreSQL is migrated


def open_database(url: str) -> Engine:
    """Open the ledger, and bring its tables up to date.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it: ``sqlite:////var/lib/idphoto/ledger.db`` or ``postgresql://user@host/name``.

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
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, connect_args={"check_same_thread": False})
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        else:
            engine = create_engine(address, pool_size=8, max_overflow=0, pool_pre_ping=True)
        _migrate(engine)
    except (SQLAlchemyError, OSError, ImportError) as cause:
        # The message of a driver may hold the address, and that a password.
        raise InputError(
            f"The ledger cannot be opened: {type(cause).__name__}.", "Look at the address of the database."
        ) from cause
    return engine


def is_sqlite(engine: Engine) -> bool:
    """Whether the ledger is a file of this machine."""
    return engine.dialect.name == "sqlite"


def sqlite_path(engine: Engine) -> Path | None:
    """The ledger's file, if it is one."""
    name = engine.url.database
    return Path(name) if is_sqlite(engine) and name and name != ":memory:" else None


def _prepare(connection: Any, _: object) -> None:
    """Set up one connection to SQLite."""
    connection.isolation_level = None  # or the driver would begin transactions in its own way; see _begin
    for pragma in (
        "journal_mode=WAL",  # readers and one writer do not wait for one another
        "synchronous=FULL",  # credits that were bought are on the disk when we say so
        "foreign_keys=ON",
        f"busy_timeout={BUSY}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def reading(engine: Engine) -> Connection:
    """Connection for reading alone, which on SQLite keeps no writer waiting."""
    return engine.connect().execution_options(reads=True)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("reads"):
        connection.exec_driver_sql("BEGIN")
        return
    # A transaction that reads first and writes then can meet another writer in between, and must be thrown away.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if not is_sqlite(engine):
            # Several machines may start at once.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
