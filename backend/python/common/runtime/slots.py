"""How many requests run at once, and how many may wait."""

import asyncio
import threading
from collections.abc import Callable
from concurrent import futures
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Full(Exception):
    """As many requests wait as may."""


class Gone(Exception):
    """The slots were closed before the request had its turn."""


class Slots:
    """`total` requests run, each on a thread; `limit` more wait; the next one is refused."""

    def __init__(self, total: int, limit: int):
        self.total = total
        self._limit = limit
        self._threads = futures.ThreadPoolExecutor(total)
        self._lock = threading.Lock()
        self._there = 0
        self._closed = False

    @property
    def busy(self) -> int:
        """How many run."""
        return min(self._there, self.total)

    @property
    def queued(self) -> int:
        """How many wait."""
        return self._there - self.busy

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, once it had its turn. Whoever is cancelled while it waits is never run."""
        with self._lock:
            if self._closed:
                raise Gone
            if self._there >= self.total + self._limit:
                raise Full(f"{self.busy} requests run and {self.queued} wait, which is the limit")
            self._there += 1
            turn = self._threads.submit(work, *args, **kwargs)
        turn.add_done_callback(self._leave)
        try:
            return await asyncio.wrap_future(turn)
        except asyncio.CancelledError:
            if self._closed and turn.cancelled():
                raise Gone from None
            raise

    def close(self) -> None:
        """Whoever waits is told that it is gone, and whoever comes; those that run go on."""
        with self._lock:
            self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, _turn: futures.Future) -> None:
        with self._lock:
            self._there -= 1
