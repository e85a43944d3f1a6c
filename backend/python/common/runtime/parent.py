"""Whether somebody is left who would stop this server."""

import os

# How often it is looked at who the parent is.
LOOK_SECONDS = 0.5


class Parent:
    """The process that started this one. LOCALAI_BACKEND_PARENT_WATCH turns the watch off with false, 0, no or off. A
    process that init started, as in a container, has nobody to lose."""

    def __init__(self) -> None:
        setting = os.environ.get("LOCALAI_BACKEND_PARENT_WATCH", "").strip().lower()
        self._parent = os.getppid()
        self._watched = setting not in ("false", "0", "no", "off") and self._parent > 1

    def ended(self) -> bool:
        """Whether it has ended, however it did."""
        return self._watched and os.getppid() != self._parent
