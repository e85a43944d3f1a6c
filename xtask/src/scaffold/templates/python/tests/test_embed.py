"""Unit tests of embed.py."""

import math
import unittest

from embed import SIZE, embed


class Embed(unittest.TestCase):
    def test_bytes_are_counted(self):
        vector = embed("aab", False)
        self.assertEqual((len(vector), vector[ord("a")], vector[ord("b")], sum(vector)), (SIZE, 2, 1, 3))

    def test_length_is_one_if_asked_for_and_possible(self):
        self.assertAlmostEqual(math.hypot(*embed("some text", True)), 1)
        self.assertEqual(math.hypot(*embed("", True)), 0)


if __name__ == "__main__":
    unittest.main()
