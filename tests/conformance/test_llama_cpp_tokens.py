"""Tokens, embeddings, and what a model thinks of texts."""

import math
import unittest

from contract import pb
from harness import CODE, DEADLINE, BackendTest, request


class Tokens(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def tokenize(self, text):
        return self.stub.TokenizeString(pb.PredictOptions(Prompt=text), timeout=DEADLINE)

    def text(self, tokens):
        return self.stub.Detokenize(pb.DetokenizeRequest(tokens=tokens), timeout=DEADLINE).content

    def test_a_round_trip_gives_the_text_back(self):
        for text in ["hello world", "", "wörld 終わり 🎉", "  two  blanks ", "line\nline\ttab", "a" * 5000]:
            with self.subTest(text[:20]):
                answer = self.tokenize(text)
                self.assertEqual(answer.length, len(answer.tokens))
                self.assertEqual(self.text(answer.tokens), text)

    def test_control_tokens_are_tokens_and_are_shown(self):
        end = self.tokenize("</s>").tokens
        self.assertLess(len(end), len("</s>"))
        self.assertIn("</s>", self.text(end))

    def test_a_cut_character_is_shown_as_replaced(self):
        cut = self.text(self.tokenize("🎉").tokens[:-1])
        self.assertNotIn("🎉", cut)

    def test_a_token_outside_the_vocabulary(self):
        for token in (self.inspect().model.vocabulary_size, 2**31 - 1, -1):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Detokenize, pb.DetokenizeRequest(tokens=[token]))


class Embeddings(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls, Embeddings=True)

    def answer(self, text=None, **options):
        if text is not None:
            options["Embeddings"] = text
        return self.stub.Embedding(pb.PredictOptions(**options), timeout=DEADLINE)

    def embed(self, text=None, **options):
        return list(self.answer(text, **options).embeddings)

    def length(self, vector):
        return math.sqrt(sum(value * value for value in vector))

    def test_a_vector_has_the_models_size_and_length_one(self):
        size = self.inspect().model.embedding_size
        for text in ("hello", "hello world"):
            answer = self.answer(text)
            self.assertEqual((answer.tokens, answer.dim, answer.layout), (1, size, pb.EMBEDDING_LAYOUT_FINAL))
            self.assertGreater(answer.prompt_tokens, 1)
            self.assertEqual(len(answer.embeddings), size)
            self.assertAlmostEqual(self.length(answer.embeddings), 1, places=5)

    def test_what_came_before_does_not_matter(self):
        one, two = self.embed("one text"), self.embed("another text")
        self.assertNotEqual(one, two)
        self.embed("a third " * 20)
        self.assertEqual([self.embed("another text"), self.embed("one text")], [two, one])

    def test_tokens_are_embedded_as_their_text_is(self):
        tokens = self.stub.TokenizeString(pb.PredictOptions(Prompt="<s>"), timeout=DEADLINE).tokens[-1:]
        tokens += self.stub.TokenizeString(pb.PredictOptions(Prompt="hello"), timeout=DEADLINE).tokens
        self.assertEqual(self.embed(EmbeddingTokens=tokens), self.embed("hello"))
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Embedding, pb.PredictOptions(EmbeddingTokens=[1, 2**31 - 1]))

    def test_not_normalised_is_the_same_direction(self):
        unit = self.embed("hello")
        self.addCleanup(self.load)
        self.load(Options=["embd_normalize:-1"])
        raw = self.embed("hello")
        self.assertNotAlmostEqual(self.length(raw), 1, places=3)
        for a, b in zip(unit, raw, strict=True):
            self.assertAlmostEqual(a, b / self.length(raw), places=5)

    def test_pooling_is_the_models_or_as_asked(self):
        vectors = {}
        self.addCleanup(self.load)
        for pooling in ("mean", "cls", "last"):
            self.load(Options=[f"pooling_type:{pooling}"])
            vectors[pooling] = self.embed("hello world")
        self.assertEqual(len({tuple(vector) for vector in vectors.values()}), 3)

    def test_without_pooling_every_token_has_its_vector(self):
        self.addCleanup(self.load)
        self.load(Options=["pooling_type:none"])
        answer = self.answer("hello world")
        self.assertEqual((answer.tokens, answer.layout), (answer.prompt_tokens, pb.EMBEDDING_LAYOUT_PER_TOKEN))
        self.assertEqual(len(answer.embeddings), answer.tokens * answer.dim)
        self.load(Options=["pooling_type:last", "embd_normalize:-1"])
        for a, b in zip(answer.embeddings[-answer.dim:], self.embed("hello world"), strict=True):
            self.assertAlmostEqual(a, b, places=4)

    def test_limits(self):
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Embedding, pb.PredictOptions())
        too_long = "hello " * self.inspect().model.context_length
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Embedding, pb.PredictOptions(Embeddings=too_long))
        self.assertTrue(self.embed("after an error"))


class Ranking(BackendTest):
    """The model of the tests has no head that was trained for this: its scores are numbers all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls, Reranking=True)

    def rank(self, documents, **options):
        return self.stub.Rerank(pb.RerankRequest(query="hello", documents=documents, **options), timeout=DEADLINE)

    def test_every_document_has_its_place(self):
        documents = ["one", "two words", "and three more", "one"]
        answer = self.rank(documents)
        scores = [result.relevance_score for result in answer.results]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(sorted(result.index for result in answer.results), [0, 1, 2, 3])
        for result in answer.results:
            self.assertEqual(result.text, documents[result.index])
        by_index = {result.index: result.relevance_score for result in answer.results}
        self.assertEqual(by_index[0], by_index[3])
        self.assertEqual(len(set(scores)), 3)
        self.assertGreater(answer.usage.prompt_tokens, 0)
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens)
        best = self.rank(documents, top_n=2).results
        self.assertEqual([result.index for result in best], [result.index for result in answer.results[:2]])

    def test_a_model_either_ranks_or_embeds(self):
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Embedding, pb.PredictOptions(Embeddings="a"), says="ranks")
        self.addCleanup(self.load, Reranking=True)
        self.load()
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Rerank, pb.RerankRequest(query="a", documents=["b"]),
                         says="Reranking")

    def test_limits(self):
        for message in (pb.RerankRequest(query="a"), pb.RerankRequest(documents=["b"])):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Rerank, message)
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Rerank,
                         pb.RerankRequest(query="a", documents=["b"], ModelIdentity="other"), says="identity mismatch")


class Scores(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def score(self, *candidates, prompt="hello world", **options):
        message = pb.ScoreRequest(prompt=prompt, candidates=candidates, **options)
        return self.stub.Score(message, timeout=DEADLINE).candidates

    def test_the_likeliest_answer_has_the_best_score(self):
        best = self.stub.Predict(request(Tokens=1), timeout=DEADLINE).message.decode()
        scores = [candidate.log_prob for candidate in self.score(best, *"qxz")]
        self.assertEqual(max(scores), scores[0])
        self.assertTrue(all(score < 0 for score in scores))

    def test_all_next_tokens_together_are_certain(self):
        # Tokens of one letter, told by their scores: what is left of 1 is that of the others.
        answers = self.score(*"abcdefghijklmnopqrstuvwxyz")
        certain = math.fsum(math.exp(answer.log_prob) for answer in answers if answer.num_tokens == 1)
        self.assertLess(certain, 1)
        self.assertGreater(certain, 0.1)

    def test_a_score_is_the_sum_of_its_tokens(self):
        (plain,) = self.score(" and more of it")
        self.assertEqual((plain.length_normalized_log_prob, len(plain.tokens)), (0, 0))
        (told,) = self.score(" and more of it", include_token_logprobs=True, length_normalize=True)
        self.assertEqual((told.log_prob, told.num_tokens), (plain.log_prob, len(told.tokens)))
        self.assertAlmostEqual(math.fsum(token.log_prob for token in told.tokens), told.log_prob, places=9)
        self.assertAlmostEqual(told.length_normalized_log_prob, told.log_prob / told.num_tokens, places=9)
        self.assertEqual("".join(token.token for token in told.tokens), " and more of it")

    def test_batches_do_not_matter(self):
        (whole,) = self.score("the end of it", prompt="a longer prompt " * 6)
        self.addCleanup(self.load)
        self.load(NBatch=7)
        (parts,) = self.score("the end of it", prompt="a longer prompt " * 6)
        self.assertEqual(whole.num_tokens, parts.num_tokens)
        self.assertAlmostEqual(whole.log_prob, parts.log_prob, delta=0.1)

    def test_limits(self):
        for message in (pb.ScoreRequest(prompt="a"), pb.ScoreRequest(prompt="a", candidates=["b", ""])):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Score, message)
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Score,
                         pb.ScoreRequest(prompt="hello " * self.inspect().model.context_length, candidates=["b"]))
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Score,
                         pb.ScoreRequest(prompt="a", candidates=["b"], ModelIdentity="other"), says="mismatch")


if __name__ == "__main__":
    unittest.main()
