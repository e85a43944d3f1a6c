"""Constraints under which what generates stubs is resolved: no newer than the gRPC and the protobuf of a lock.

    python3 -I -S -B bounds.py LOCK CONSTRAINTS

Code that a newer generator writes is refused at run time. That of an older one is not, so that a backend may ask for a
gRPC of before its protobuf.
"""

import re
import sys
from pathlib import Path

_BOUNDED = {"grpcio": ("grpcio", "grpcio-tools"), "protobuf": ("protobuf",)}
# A line of a requirements file, or the two of a table in a `pylock.toml`.
_LOCKED = re.compile(r'^(?:name = "([^"]+)"\nversion = "([^"]+)"|([\w.-]+)==([^\s;\\]+))', re.MULTILINE)


def bounds(lock: str) -> str:
    """The constraints, a line each."""
    lines = []
    for found in _LOCKED.finditer(lock):
        name, version = found[1] or found[3], found[2] or found[4]
        lines += [f"{bounded}<={version}\n" for bounded in _BOUNDED.get(name.lower(), ())]
    return "".join(lines)


if __name__ == "__main__":
    _, _lock, _constraints = map(Path, sys.argv)
    _constraints.write_text(bounds(_lock.read_text(encoding="utf-8")), encoding="utf-8")
