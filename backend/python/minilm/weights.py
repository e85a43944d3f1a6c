"""Reads a safetensors file: a length, a JSON header, then the numbers. Nothing is copied; the file stays mapped."""

import json
import mmap
from pathlib import Path

import numpy as np

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32}
# The format's own limit; a file that claims more is no safetensors file.
_LONGEST_HEADER = 100_000_000


class WeightsError(ValueError):
    """The file is not what it should be."""


def read(path: Path) -> dict[str, np.ndarray]:
    """Returns the tensors by name."""
    with open(path, "rb") as file:
        try:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise WeightsError(f"{path}: {error}") from error
    if len(data) < 8:
        raise WeightsError(f"{path}: {len(data)} bytes are too few for a safetensors file")
    length = int.from_bytes(data[:8], "little")
    start = 8 + length
    if length > _LONGEST_HEADER or start > len(data):
        raise WeightsError(f"{path}: the header claims {length} bytes, the file has {len(data)}")
    try:
        header = json.loads(data[8:start])
        entries = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
        return {name: _tensor(data, start, entry) for name, entry in entries}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: the header cannot be read: {error!r}") from error


def _tensor(data: mmap.mmap, start: int, entry: dict) -> np.ndarray:
    kind = np.dtype(_TYPES[entry["dtype"]]).newbyteorder("<")
    begin, end = entry["data_offsets"]
    count = int(np.prod(entry["shape"], dtype=np.int64))
    if not 0 <= begin <= end or count * kind.itemsize != end - begin:
        raise ValueError(f"shape {entry['shape']} does not fill the bytes {begin} to {end}")
    return np.frombuffer(data, kind, count, start + begin).reshape(entry["shape"])
