"""Batches and pooling."""

import random
import unittest

import numpy as np
from model import Pooling, batches, pool


class Batches(unittest.TestCase):
    def test_each_text_is_in_one_and_none_is_too_big(self) -> None:
        draw = random.Random(3)
        for count in (0, 1, 2, 50, 300):
            lengths = [draw.randint(2, 120) for _ in range(count)]
            groups = batches(lengths, 256)
            self.assertEqual(sorted(i for group in groups for i in group), list(range(count)))
            for group in groups:
                self.assertLessEqual(len(group) * max(lengths[i] for i in group), 256)

    def test_like_lengths_stand_together(self) -> None:
        self.assertEqual(batches([9, 1, 9, 1], 20), [[1, 3], [0, 2]])

    def test_one_that_is_larger_than_a_batch_stands_alone(self) -> None:
        self.assertEqual(batches([300, 5, 300], 256), [[1], [0], [2]])


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
