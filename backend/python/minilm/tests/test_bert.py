"""The encoder against arithmetic that is written out, number by number."""

import math
import unittest

import bert
import numpy as np

SHAPE = bert.Shape(layers=2, heads=2, epsilon=1e-12)
WIDTH, WIDE, WORDS, LENGTH = 6, 10, 11, 8


def tensors(seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return draw.standard_normal(shape).astype(np.float32)

    made = {
        "embeddings.word_embeddings.weight": some(WORDS, WIDTH),
        "embeddings.position_embeddings.weight": some(LENGTH, WIDTH),
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(SHAPE.layers):
        p = f"encoder.layer.{layer}"
        norms += [f"{p}.attention.output.LayerNorm", f"{p}.output.LayerNorm"]
        for name, out, into in (
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", WIDE, WIDTH),
            ("output.dense", WIDTH, WIDE),
        ):
            made[f"{p}.{name}.weight"] = some(out, into)
            made[f"{p}.{name}.bias"] = some(out)
    for name in norms:
        made[f"{name}.weight"] = some(WIDTH)
        made[f"{name}.bias"] = some(WIDTH)
    return made


def by_hand(t: dict[str, np.ndarray], ids: list[int]) -> list[list[float]]:
    """One text through the encoder in plain Python."""

    def linear(name: str, rows: list[list[float]]) -> list[list[float]]:
        weight, bias = t[f"{name}.weight"].tolist(), t[f"{name}.bias"].tolist()
        return [[sum(map(float.__mul__, w, row)) + b for w, b in zip(weight, bias, strict=True)] for row in rows]

    def norm(name: str, rows: list[list[float]]) -> list[list[float]]:
        weight, bias = t[f"{name}.weight"].tolist(), t[f"{name}.bias"].tolist()
        out = []
        for row in rows:
            mean = sum(row) / len(row)
            spread = math.sqrt(sum((x - mean) ** 2 for x in row) / len(row) + SHAPE.epsilon)
            out.append([(x - mean) / spread * w + b for x, w, b in zip(row, weight, bias, strict=True)])
        return out

    def add(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
        return [list(map(float.__add__, x, y)) for x, y in zip(a, b, strict=True)]

    word, place, kind = (t[f"embeddings.{n}_embeddings.weight"].tolist() for n in ("word", "position", "token_type"))
    x = [[w + p + k for w, p, k in zip(word[i], place[at], kind[0], strict=True)] for at, i in enumerate(ids)]
    x = norm("embeddings.LayerNorm", x)
    size = WIDTH // SHAPE.heads
    for layer in range(SHAPE.layers):
        p = f"encoder.layer.{layer}"
        q, k, v = (linear(f"{p}.attention.self.{part}", x) for part in ("query", "key", "value"))
        mixed = [[0.0] * WIDTH for _ in ids]
        for head in range(SHAPE.heads):
            span = range(head * size, (head + 1) * size)
            for i in range(len(ids)):
                scores = [math.exp(sum(q[i][d] * k[j][d] for d in span) / math.sqrt(size)) for j in range(len(ids))]
                for d in span:
                    mixed[i][d] = sum(s * v[j][d] for j, s in enumerate(scores)) / sum(scores)
        x = norm(f"{p}.attention.output.LayerNorm", add(x, linear(f"{p}.attention.output.dense", mixed)))
        wide = linear(f"{p}.intermediate.dense", x)
        wide = [[y * 0.5 * (1 + math.erf(y / math.sqrt(2))) for y in row] for row in wide]
        x = norm(f"{p}.output.LayerNorm", add(x, linear(f"{p}.output.dense", wide)))
    return x


class Encoder(unittest.TestCase):
    def test_it_computes_what_is_written_out_by_hand(self) -> None:
        t = tensors(1)
        ids = [3, 1, 10, 3, 0]
        hidden = bert.Encoder(SHAPE, t).hidden(np.array([ids]), np.ones((1, 5), bool))
        np.testing.assert_allclose(hidden[0], by_hand(t, ids), rtol=2e-3, atol=2e-4)

    def test_padding_and_neighbours_change_nothing(self) -> None:
        encoder = bert.Encoder(SHAPE, tensors(2))
        alone = encoder.hidden(np.array([[4, 5]]), np.ones((1, 2), bool))
        ids = np.array([[4, 5, 9, 9], [1, 2, 3, 4]])
        real = np.array([[True, True, False, False], [True] * 4])
        np.testing.assert_allclose(encoder.hidden(ids, real)[0, :2], alone[0], rtol=1e-4, atol=1e-5)

    def test_a_missing_tensor_fails_while_loading(self) -> None:
        t = tensors(3)
        del t["encoder.layer.1.output.dense.bias"]
        with self.assertRaisesRegex(KeyError, "encoder.layer.1.output.dense.bias"):
            bert.Encoder(SHAPE, t)


class Functions(unittest.TestCase):
    def test_erf(self) -> None:
        x = np.linspace(-6, 6, 4001, dtype=np.float32)
        np.testing.assert_allclose(bert.erf(x), [math.erf(v) for v in x.tolist()], atol=5e-7)

    def test_gelu_beyond_one_block(self) -> None:
        x = np.linspace(-8, 8, 40_000, dtype=np.float32).reshape(100, 400)
        expected = [v * 0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.ravel().tolist()]
        np.testing.assert_allclose(bert.gelu(x).ravel(), expected, atol=2e-6)

    def test_softmax_of_large_numbers(self) -> None:
        x = np.array([[1000.0, 1000.0, -1000.0], [0.0, math.log(3), -1e9]], np.float32)
        np.testing.assert_allclose(bert.softmax(x), [[0.5, 0.5, 0], [0.25, 0.75, 0]], atol=1e-6)


class Config(unittest.TestCase):
    GOOD = {  # noqa: RUF012
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": 384,
        "num_attention_heads": 12,
        "num_hidden_layers": 6,
        "layer_norm_eps": 1e-12,
    }

    def test_a_good_one(self) -> None:
        self.assertEqual(bert.Shape.of(self.GOOD), bert.Shape(layers=6, heads=12, epsilon=1e-12))

    def test_others_are_refused(self) -> None:
        for wrong in (
            {"model_type": "roberta"},
            {"hidden_act": "relu"},
            {"position_embedding_type": "relative_key"},
            {"num_attention_heads": 7},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                bert.Shape.of(self.GOOD | wrong)


if __name__ == "__main__":
    unittest.main()
