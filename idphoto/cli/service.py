"""The commands of the service: ``serve`` and ``keys``."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idphoto.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idphoto.server.ledger import KeyStore

__all__ = ["keys_app", "serve"]

keys_app = typer.Typer(help="API keys of the service, and their credits.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="Folder of the ledger and of results; idphoto-data if not given.")]
Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the ledger, if it is not in that folder.")]
Named = Annotated[str, typer.Argument(help="Name or id of a key.")]
Amount = Annotated[int, typer.Argument(help="Credits to add.", min=1)]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at; 127.0.0.1 if not given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at; 8000 if not given.")] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Without keys and credits, for this machine alone.")
    ] = False,
    data: Data = None,
    database: Database = None,
    store: Annotated[str | None, typer.Option(help="fsspec address of results, such as s3://bucket/results.")] = None,
    public_url: Annotated[str | None, typer.Option(help="What addresses of results begin with.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; one per core if not given.")] = None,
) -> None:
    """Serve the cutout API and the ID-photo API. Further settings: environment, see docs/service.md."""
    try:
        from idphoto.server.run import run_server
        from idphoto.server.settings import Settings
    except ImportError as cause:
        raise _missing() from cause
    run_server(
        Settings.load(
            host=host,
            port=port,
            auth=False if no_auth else None,
            data=data,
            database=database,
            store=store,
            public_url=public_url,
            workers=workers,
        )
    )


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Whom it is for.")],
    credits: Annotated[int, typer.Option(help="Credits to begin with.", min=0)] = 0,  # noqa: A002 - the flag's name
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a key and print it. It is shown this once; the ledger keeps only its hash."""
    with _keys(data, database) as keys:
        typer.echo(keys.create(name, credits)[1])


@keys_app.command("list")
def keys_list(data: Data = None, database: Database = None) -> None:
    """List keys, their balances, and which are locked."""
    with _keys(data, database) as keys:
        rows = keys.list_all()
    for key, accounts in rows:
        balances = ", ".join(f"{account.sign} {account.balance} of {account.total}" for account in accounts)
        made = datetime.fromtimestamp(key.created_at, timezone.utc).date()
        locked = "  locked" if key.disabled_at is not None else ""
        typer.echo(f"{key.id}  {key.name:<20}  {made}  {balances}{locked}")


@keys_app.command("disable")
def keys_disable(name: Named, data: Data = None, database: Database = None) -> None:
    """Lock a key for good."""
    with _keys(data, database) as keys:
        typer.echo(f"locked {keys.disable(name).name}")


@keys_app.command("recharge")
def keys_recharge(
    name: Named,
    amount: Amount,
    sign: Annotated[str, typer.Option("--for", help="Kind of credits, as query-credits names it.")] = "common",
    data: Data = None,
    database: Database = None,
) -> None:
    """Add credits to a key."""
    with _keys(data, database) as keys:
        account = keys.recharge(name, amount, sign)
    typer.echo(f"{account.sign}: {account.balance}")


@contextmanager
def _keys(data: Path | None, database: str | None) -> Iterator[KeyStore]:
    """Open the ledger for as long as a command takes."""
    try:
        from idphoto.server.ledger import KeyStore, open_database
        from idphoto.server.settings import Settings
    except ImportError as cause:
        raise _missing() from cause
    engine = open_database(Settings.load(data=data, database=database).database_url)
    try:
        yield KeyStore(engine)
    finally:
        engine.dispose()


def _missing() -> MissingExtra:
    return MissingExtra(
        "The service needs packages that are not installed.", "Install them: pip install 'idphoto[server]'"
    )
