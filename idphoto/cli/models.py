"""The commands ``models list`` and ``models fetch``."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["models_app"]

models_app = typer.Typer(help="Matting networks of others, fetched on your order only.", no_args_is_help=True)


@models_app.command("list")
def list_models() -> None:
    """List the networks, their licences, and which are here."""
    from idphoto.cli import present
    from idphoto.matting.networks import all_networks

    present.list_networks(all_networks())


@models_app.command("fetch")
def fetch_models(
    names: Annotated[list[str], typer.Argument(help="Names of networks; see 'idphoto models list'.")],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept a licence that forbids commercial use.")
    ] = False,
) -> None:
    """Fetch networks from their publishers, verified by hash; interrupted downloads go on."""
    from idphoto.cli import present
    from idphoto.matting.networks import fetch_network, find_network

    for network in [find_network(name) for name in names]:
        present.show_licence(network)
        with present.show_progress(network.file) as progress:
            path = fetch_network(network, accept_licence=accept_licence, progress=progress)
        present.list_files([path])
