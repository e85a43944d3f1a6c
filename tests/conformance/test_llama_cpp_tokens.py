"""Tokens and embeddings."""

import math
import unittest

from contract import pb
from harness import CODE, DEADLINE, BackendTest


class Tokens(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def tokenize(self, text, **options):
        return self.stub.TokenizeString(pb.TokenizeStringRequest(text=text, **options), timeout=DEADLINE)

    def test_a_round_trip_gives_the_text_back(self):
        for text in ["hello world", "", "wörld 終わり 🎉", "  two  blanks ", "line\nline\ttab", "a" * 5000]:
            with self.subTest(text[:20]):
                tokens = self.tokenize(text)
                self.assertEqual(len(tokens.tokens), len(tokens.pieces))
                self.assertIn(text.encode(), b"".join(tokens.pieces))
                answer = self.stub.Detokenize(pb.DetokenizeRequest(tokens=tokens.tokens), timeout=DEADLINE)
                self.assertEqual(answer.text, text)

    def test_special_tokens_are_asked_for(self):
        plain = self.tokenize("hello")
        special = self.tokenize("hello", add_special=True)
        self.assertGreaterEqual(len(special.tokens), len(plain.tokens))
        self.assertEqual(list(special.tokens)[-len(plain.tokens):], list(plain.tokens))

    def test_a_cut_character_is_shown_as_replaced(self):
        tokens = self.tokenize("🎉").tokens
        cut = self.stub.Detokenize(pb.DetokenizeRequest(tokens=tokens[:-1]), timeout=DEADLINE).text
        self.assertNotIn("🎉", cut)

    def test_a_token_outside_the_vocabulary(self):
        for token in (self.status().model.vocabulary_size, 2**31, 2**32 - 1):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Detokenize, pb.DetokenizeRequest(tokens=[token]))


class Embeddings(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def embed(self, *inputs, **options):
        answer = self.stub.Embedding(pb.EmbeddingRequest(inputs=inputs, **options), timeout=DEADLINE)
        self.assertEqual(len(answer.embeddings), len(inputs))
        return [list(vector.values) for vector in answer.embeddings]

    def length(self, vector):
        return math.sqrt(sum(value * value for value in vector))

    def test_vectors_have_the_models_size_and_length_one(self):
        for vector in self.embed("hello", "hello world"):
            self.assertEqual(len(vector), self.status().model.embedding_size)
            self.assertAlmostEqual(self.length(vector), 1, places=5)

    def test_order_and_company_do_not_matter(self):
        one, two = self.embed("one text", "another text")
        self.assertNotEqual(one, two)
        self.assertEqual(self.embed("another text", "one text", "a third " * 20)[:2], [two, one])

    def test_not_normalised_is_the_same_direction(self):
        (unit,), (raw,) = self.embed("hello"), self.embed("hello", normalize=False)
        self.assertNotAlmostEqual(self.length(raw), 1, places=3)
        for a, b in zip(unit, raw):
            self.assertAlmostEqual(a, b / self.length(raw), places=5)

    def test_pooling_is_the_models_or_as_asked(self):
        vectors = {}
        self.addCleanup(self.load)
        for pooling in (pb.POOLING_MEAN, pb.POOLING_CLS, pb.POOLING_LAST):
            self.load(pooling=pooling)
            (vectors[pooling],) = self.embed("hello world")
        self.assertEqual(len({tuple(vector) for vector in vectors.values()}), 3)

    def test_limits(self):
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Embedding, pb.EmbeddingRequest())
        too_long = "hello " * self.status().model.context_length
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Embedding, pb.EmbeddingRequest(inputs=[too_long]))
        self.assertEqual(len(self.embed("after an error")), 1)


if __name__ == "__main__":
    unittest.main()
