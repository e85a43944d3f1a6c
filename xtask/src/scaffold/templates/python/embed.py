"""Counts the bytes of a text: what there is until a model takes its place."""

import math

# Numbers in a vector.
SIZE = 256


def embed(text: str) -> list[float]:
    """The vector of a text, of length 1 unless the text is empty."""
    vector = [0.0] * SIZE
    for byte in text.encode():
        vector[byte] += 1
    length = math.hypot(*vector)
    return [number / length for number in vector] if length else vector
