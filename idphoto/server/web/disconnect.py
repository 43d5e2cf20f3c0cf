"""Cancel work whose client has disconnected."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive

__all__ = ["ClientDisconnected", "run_unless_disconnected"]

ResultT = TypeVar("ResultT")


class ClientDisconnected(Exception):
    """The client has closed the connection before it got a response."""


async def run_unless_disconnected(receive: Receive, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Await some work, and cancel it if the client disconnects.

    Parameters
    ----------
    receive : callable
        The request's ASGI channel. The body must have been read already.
    work : callable
        Returns an awaitable.

    Returns
    -------
    object
        The result of the work.

    Raises
    ------
    ClientDisconnected
        If the client disconnects first.
    """
    result: list[ResultT] = []
    failure: list[Exception] = []
    is_disconnected = False
    async with anyio.create_task_group() as group:

        async def watch_connection() -> None:
            nonlocal is_disconnected
            while (await receive())["type"] != "http.disconnect":
                pass
            is_disconnected = True
            group.cancel_scope.cancel()

        group.start_soon(watch_connection)
        try:
            result.append(await work())
        except Exception as error:  # raised below, because the task group would wrap it in an exception group
            failure.append(error)
        group.cancel_scope.cancel()
    if is_disconnected:
        raise ClientDisconnected
    if failure:
        raise failure[0]
    return result[0]
