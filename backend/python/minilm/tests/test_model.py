"""Pooling."""

import unittest

import numpy as np
from model import Pooling, pool


class Pool(unittest.TestCase):
    HIDDEN = np.array([[[1, 2], [3, 4], [99, 99]], [[5, 6], [7, 8], [9, 10]]], np.float32)
    LENGTHS = np.array([2, 3])

    def test_each_way_is_blind_to_padding(self) -> None:
        for pooling, expected in (
            (Pooling.MEAN, [[2, 3], [7, 8]]),
            (Pooling.CLS, [[1, 2], [5, 6]]),
            (Pooling.LAST, [[3, 4], [9, 10]]),
        ):
            with self.subTest(pooling):
                np.testing.assert_allclose(pool(self.HIDDEN, self.LENGTHS, pooling), expected)


if __name__ == "__main__":
    unittest.main()
