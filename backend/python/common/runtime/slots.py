"""How many requests run at once, and how many may wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Full(Exception):
    """As many requests wait as may."""


class Gone(Exception):
    """The caller did not wait."""


class Slots:
    """`total` requests run; `limit` more wait; the next one is refused."""

    def __init__(self, total: int, limit: int):
        self.total = total
        self._limit = limit
        self._changed = threading.Condition()
        self.busy = 0
        self.queued = 0

    @contextmanager
    def take(self, waits: Callable[[], bool]) -> Iterator[None]:
        """Holds a slot; `waits` tells whether the caller is still there. Call `wake` when that changes."""
        with self._changed:
            if self.busy >= self.total:
                if self.queued >= self._limit:
                    raise Full(f"{self.busy} requests run and {self.queued} wait, which is the limit")
                self.queued += 1
                try:
                    self._changed.wait_for(lambda: self.busy < self.total or not waits())
                finally:
                    self.queued -= 1
            if not waits():
                raise Gone
            self.busy += 1
        try:
            yield
        finally:
            with self._changed:
                self.busy -= 1
                self._changed.notify_all()

    def wake(self) -> None:
        """Makes those that wait look again whether their caller does."""
        with self._changed:
            self._changed.notify_all()
