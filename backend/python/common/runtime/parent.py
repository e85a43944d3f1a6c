"""Whether somebody is left who would stop this server."""

import asyncio
import os

# How often it is looked at who the parent is.
_LOOK_SECONDS = 0.5


class Parent:
    """The process that started this one. LOCALAI_BACKEND_PARENT_WATCH turns the watch off with false, 0, no or off. A
    process that init started, as in a container, has nobody to lose."""

    def __init__(self) -> None:
        setting = os.environ.get("LOCALAI_BACKEND_PARENT_WATCH", "").strip().lower()
        self._parent = os.getppid()
        self._watched = setting not in ("false", "0", "no", "off") and self._parent > 1

    async def end(self) -> None:
        """Returns when it has ended, however it did."""
        while not self._watched or os.getppid() == self._parent:
            await asyncio.sleep(_LOOK_SECONDS)
