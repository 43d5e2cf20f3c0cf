"""Commands of the service: ``serve`` and ``studio`` start it, ``keys`` manages API keys and credits."""

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

__all__ = ["keys_app", "serve", "studio"]

keys_app = typer.Typer(help="Manage API keys of the service and their credits.", no_args_is_help=True)

DataOption = Annotated[
    Path | None, typer.Option(help="Folder of the ledger and of the results; idphoto-data if not given.")
]
DatabaseOption = Annotated[
    str | None, typer.Option(help="SQLAlchemy URL of the ledger; SQLite in the data folder if not given.")
]
KeyArgument = Annotated[str, typer.Argument(help="Name or id of a key.")]
CreditsArgument = Annotated[int, typer.Argument(help="Credits to add.", min=1)]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 if not given.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8000 if not given.")] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Serve without keys and credits; only this machine can connect.")
    ] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    store: Annotated[str | None, typer.Option(help="fsspec URL of the results, such as s3://bucket/results.")] = None,
    public_url: Annotated[str | None, typer.Option(help="First part of the URLs of results.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; one per core if not given.")] = None,
) -> None:
    """Serve the cutout API and the ID-photo API. Environment variables set all other options; see docs/service.md."""
    try:
        from idphoto.server.run import run_server
        from idphoto.server.settings import Settings
    except ImportError as cause:
        raise _missing_extra() from cause
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


def studio(
    port: Annotated[int, typer.Option(help="Port to listen on; a free one if 0.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    workers: Annotated[int | None, typer.Option(help="Worker processes; one per core if not given.")] = None,
) -> None:
    """Open the studio page: make, judge, correct and print photos in the browser. Nothing leaves this machine."""
    import tempfile
    import webbrowser

    try:
        from idphoto.server.run import run_server
        from idphoto.server.settings import Settings
    except ImportError as cause:
        raise _missing_extra() from cause

    def show(port: int) -> None:
        address = f"http://127.0.0.1:{port}/"
        typer.echo(f"The studio is at {address} - end it with Ctrl+C.")
        if browser:
            webbrowser.open(address)

    # The page stores no results; the folder stays empty, unless another program of this machine calls the API.
    with tempfile.TemporaryDirectory(prefix="idphoto-studio-") as folder:
        run_server(Settings.load(host="127.0.0.1", port=port, auth=False, data=Path(folder), workers=workers), show)


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Name of the key, such as that of its owner.")],
    credits: Annotated[int, typer.Option(help="Credits to begin with.", min=0)] = 0,  # noqa: A002 - the flag's name
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Create a key and print it. It cannot be shown again, because the ledger stores only its hash."""
    with _open_keys(data, database) as keys:
        typer.echo(keys.create(name, credits)[1])


@keys_app.command("list")
def keys_list(data: DataOption = None, database: DatabaseOption = None) -> None:
    """List all keys with their balances, and mark those that are locked."""
    with _open_keys(data, database) as keys:
        rows = keys.list_all()
    for key, accounts in rows:
        balances = ", ".join(f"{account.sign} {account.balance} of {account.total}" for account in accounts)
        created = datetime.fromtimestamp(key.created_at, timezone.utc).date()
        locked = "  locked" if key.disabled_at is not None else ""
        typer.echo(f"{key.id}  {key.name:<20}  {created}  {balances}{locked}")


@keys_app.command("disable")
def keys_disable(name: KeyArgument, data: DataOption = None, database: DatabaseOption = None) -> None:
    """Lock a key. It cannot be unlocked."""
    with _open_keys(data, database) as keys:
        typer.echo(f"locked {keys.disable(name).name}")


@keys_app.command("recharge")
def keys_recharge(
    name: KeyArgument,
    amount: CreditsArgument,
    sign: Annotated[str, typer.Option("--for", help="Kind of credits: unique_sign of query-credits.")] = "common",
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Add credits to a key."""
    with _open_keys(data, database) as keys:
        account = keys.recharge(name, amount, sign)
    typer.echo(f"{account.sign}: {account.balance}")


@contextmanager
def _open_keys(data: Path | None, database: str | None) -> Iterator[KeyStore]:
    """Open the ledger, and close it at the end of the context."""
    try:
        from idphoto.server.ledger import KeyStore, open_database
        from idphoto.server.settings import Settings
    except ImportError as cause:
        raise _missing_extra() from cause
    engine = open_database(Settings.load(data=data, database=database).database_url)
    try:
        yield KeyStore(engine)
    finally:
        engine.dispose()


def _missing_extra() -> MissingExtra:
    return MissingExtra(
        "Packages that the service needs are not installed.", "Install them: pip install 'idphoto[server]'"
    )
