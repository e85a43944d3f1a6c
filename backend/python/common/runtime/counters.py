"""Sums over the requests of a process."""

import threading

import grpc

_CANCELLED = (grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


class Counters:
    """Add to it from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[str, float] = {}

    def add(self, **amounts: float) -> None:
        """Adds each amount to the sum of that name."""
        with self._lock:
            for name, amount in amounts.items():
                self._sums[name] = self._sums.get(name, 0) + amount

    def ended(self, code: grpc.StatusCode) -> None:
        """Counts a request by how it ended."""
        cancelled = code in _CANCELLED
        failed = not cancelled and code is not grpc.StatusCode.OK
        self.add(requests=1, requests_cancelled=int(cancelled), requests_failed=int(failed))

    def read(self) -> dict[str, float]:
        """All sums so far."""
        with self._lock:
            return dict(self._sums)
