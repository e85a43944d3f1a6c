"""The reader of safetensors files, mostly of broken ones."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import weights


class Weights(unittest.TestCase):
    def setUp(self) -> None:
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory()), "model.safetensors")

    def write(self, header: object, data: bytes = b"", length: int | None = None) -> None:
        text = json.dumps(header).encode()
        self.path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)

    def entry(self, **changes: object) -> dict:
        return {"a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]} | changes}

    def test_what_was_written_is_read(self) -> None:
        a, b = np.array([[1, 2], [3, 4]], np.float32), np.array([7, -7], np.int64)
        header = {"__metadata__": {"format": "pt"}} | self.entry()
        header["b"] = {"dtype": "I64", "shape": [2], "data_offsets": [16, 32]}
        self.write(header, a.tobytes() + b.tobytes())
        read = weights.read(self.path)
        self.assertEqual(sorted(read), ["a", "b"])
        np.testing.assert_array_equal(read["a"], a)
        np.testing.assert_array_equal(read["b"], b)
        self.assertFalse(read["a"].flags.writeable)

    def test_no_file(self) -> None:
        with self.assertRaises(FileNotFoundError):
            weights.read(self.path)

    def test_broken_files(self) -> None:
        zeros = bytes(16)
        cases = {
            "truncated": (self.entry(), zeros[:15]),
            "shape and bytes disagree": (self.entry(shape=[3, 2]), zeros),
            "backwards": (self.entry(data_offsets=[16, 0]), zeros),
            "negative": (self.entry(data_offsets=[-16, 0]), zeros),
            "type": (self.entry(dtype="F8_E4M3"), zeros),
            "no offsets": ({"a": {"dtype": "F32", "shape": [1]}}, zeros),
            "not an object": ([1, 2], zeros),
        }
        for name, (header, data) in cases.items():
            with self.subTest(name):
                self.write(header, data)
                with self.assertRaisesRegex(weights.WeightsError, str(self.path)):
                    weights.read(self.path)

    def test_no_safetensors_at_all(self) -> None:
        for name, content in {
            "empty": b"",
            "short": b"1234567",
            "no json": (4).to_bytes(8, "little") + b"????",
            "a header past the end": (1000).to_bytes(8, "little") + b"{}",
            "an absurd header": b"\xff" * 100,
        }.items():
            with self.subTest(name):
                self.path.write_bytes(content)
                with self.assertRaises(weights.WeightsError):
                    weights.read(self.path)


if __name__ == "__main__":
    unittest.main()
