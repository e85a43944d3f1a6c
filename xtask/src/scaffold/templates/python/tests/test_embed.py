"""Unit tests of embed.py."""

import math
import unittest

from embed import SIZE, embed


class Embed(unittest.TestCase):
    def test_bytes_are_counted(self):
        vector = embed("aab")
        self.assertEqual((len(vector), vector[ord("c")]), (SIZE, 0))
        self.assertAlmostEqual(vector[ord("a")], 2 * vector[ord("b")])

    def test_length_is_one_if_that_is_possible(self):
        self.assertAlmostEqual(math.hypot(*embed("some text")), 1)
        self.assertEqual(math.hypot(*embed("")), 0)


if __name__ == "__main__":
    unittest.main()
