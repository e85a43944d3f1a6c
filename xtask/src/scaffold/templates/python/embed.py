"""Counts the bytes of a text: what there is until a model takes its place."""

import math

# Numbers in a vector.
SIZE = 256


def embed(text: str, normalize: bool) -> list[float]:
    """The vector of a text."""
    vector = [0.0] * SIZE
    for byte in text.encode():
        vector[byte] += 1
    length = math.hypot(*vector)
    return [number / length for number in vector] if normalize and length else vector
