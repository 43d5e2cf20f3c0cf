"""Hand out what there is little of to clients in turn, so that one with many requests does not starve the others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

__all__ = ["QueueFull", "Turns"]

ItemT = TypeVar("ItemT")


class QueueFull(Exception):
    """There is no room for a request, or another client's request took its place."""


class Turns(Generic[ItemT]):
    """Items, such as idle workers, and the requests that wait for one, in a queue for each client.

    An item goes to the first request of the client whose turn it is. If all places are taken, a client that has fewer
    requests waiting than another one gets the place of the last request of that other client.

    Parameters
    ----------
    max_waiting : int
        Number of requests that may wait.
    """

    def __init__(self, max_waiting: int) -> None:
        self.max_waiting = max_waiting
        self._items: deque[ItemT] = deque()
        self._queues: OrderedDict[str, deque[asyncio.Future[ItemT]]] = OrderedDict()  # the next client first

    @property
    def waiting_count(self) -> int:
        """Number of requests that wait."""
        return sum(map(len, self._queues.values()))

    @property
    def has_items(self) -> bool:
        """True if an item can be had at once."""
        return bool(self._items)

    def has_room(self, client: str) -> bool:
        """Return True if a request of a client gets an item, or a place in its queue."""
        if self._items or self.waiting_count < self.max_waiting:
            return True
        longest = max(map(len, self._queues.values()), default=0)
        return len(self._queues.get(client, ())) + 1 < longest

    def put(self, item: ItemT) -> None:
        """Give an item to the request whose turn it is, or keep it."""
        while self._queues:
            client, queue = self._queues.popitem(last=False)
            waiter = queue.popleft()
            if queue:
                self._queues[client] = queue  # at the end: the other clients come first
            if not waiter.done():
                waiter.set_result(item)
                return
        self._items.append(item)

    async def get(self, client: str) -> ItemT:
        """Wait for an item.

        Raises
        ------
        QueueFull
            If there is no room, or another client's request takes its place.
        """
        if self._items:
            return self._items.popleft()
        if not self.has_room(client):
            raise QueueFull
        if self.waiting_count >= self.max_waiting:
            self._drop_last_of_longest()
        waiter: asyncio.Future[ItemT] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.put(waiter.result())  # it came too late
            raise
        finally:
            self._forget(client, waiter)

    def _drop_last_of_longest(self) -> None:
        client = max(self._queues, key=lambda name: len(self._queues[name]))
        waiter = self._queues[client][-1]
        self._forget(client, waiter)
        if not waiter.done():
            waiter.set_exception(QueueFull())

    def _forget(self, client: str, waiter: asyncio.Future[ItemT]) -> None:
        queue = self._queues.get(client)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            if not queue:
                del self._queues[client]
