"""Ending work whose client has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive

__all__ = ["ClientDisconnected", "run_unless_disconnected"]

ResultT = TypeVar("ResultT")


class ClientDisconnected(Exception):
    """The client has left."""


async def run_unless_disconnected(receive: Receive, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Do some work, and cancel it when the client leaves; the request's body must have been read.

    Raises
    ------
    ClientDisconnected
        If so.
    """
    result: list[ResultT] = []
    failure: list[Exception] = []
    gone = False
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            nonlocal gone
            while (await receive())["type"] != "http.disconnect":
                pass
            gone = True
            group.cancel_scope.cancel()

        group.start_soon(watch)
        try:
            result.append(await work())
        except Exception as error:  # raised below, for a task group would wrap it
            failure.append(error)
        group.cancel_scope.cancel()
    if gone:
        raise ClientDisconnected
    if failure:
        raise failure[0]
    return result[0]
