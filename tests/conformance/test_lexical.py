"""Vectors from words and their parts, as a client sees them."""

import math
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

import hostile
import shared
from contract import pb
from harness import CODE, BackendTest, connect
from shared import Patient

TEXTS = ["The gardener waters the tomatoes", "Gardeners watering a tomato", "Quarterly revenue exceeded forecasts"]


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


class Lexical(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.client.Free(pb.HealthMessage())

    def embed(self, text, **options):
        return self.client.Embedding(pb.PredictOptions(Embeddings=text, **options))

    def vector(self, text):
        return list(self.embed(text).embeddings)

    def test_it_is_ready_without_a_model_and_takes_any_name(self):
        inspected = self.inspect()
        self.assertEqual((inspected.backend, inspected.state), ("lexical", pb.StatusResponse.READY))
        self.assertEqual(self.client.Status(pb.HealthMessage()).state, pb.StatusResponse.READY)
        self.assertTrue(self.client.LoadModel(pb.ModelOptions(Model="words", ModelFile="/models/words")).success)
        model = self.inspect().model
        self.assertEqual((model.identity, model.embedding_size), ("words", 512))
        for _ in range(2):
            self.assertTrue(self.client.Free(pb.HealthMessage()).success)
        self.assertEqual(self.inspect().model.identity, "")
        self.assertEqual(len(self.vector("still there")), 512)

    def test_what_is_meant_for_another_model_is_refused(self):
        self.embed("nothing is loaded", ModelIdentity="other")
        self.client.LoadModel(pb.ModelOptions(Model="words"))
        self.embed("the same", ModelIdentity="words")
        self.embed("nobody says")
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.Embedding,
                         pb.PredictOptions(Embeddings="x", ModelIdentity="other"), says="model identity mismatch: ")

    def test_the_shape_of_an_answer(self):
        answer = self.embed("one two three")
        self.assertEqual((answer.tokens, answer.dim, answer.prompt_tokens, answer.layout),
                         (1, 512, 3, pb.EMBEDDING_LAYOUT_FINAL))
        self.assertEqual(len(answer.embeddings), 512)
        self.assertAlmostEqual(dot(answer.embeddings, answer.embeddings), 1, places=5)

    def test_like_is_nearer_than_unlike(self):
        a, b, c = map(self.vector, TEXTS)
        self.assertGreater(dot(a, b), dot(a, c) + 0.2)
        self.assertAlmostEqual(dot(a, self.vector("the WATERS, the gardener; tomatoes")), 1, places=5)

    def test_any_text_has_its_vector(self):
        for text in ("...", "word " * 5000, "Übergröße, naïve café 東京 🙂"):
            self.assertEqual(len(self.vector(text)), 512, text[:20])

    def test_what_is_wrong_is_refused(self):
        for message in (pb.PredictOptions(), pb.PredictOptions(EmbeddingTokens=[1, 2])):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, message)

    def test_counters(self):
        before = self.inspect().counters
        self.assertEqual(self.embed("one two").prompt_tokens, 2)
        self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.PredictOptions())
        after = self.inspect().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)
        self.assertEqual(after.prompt_tokens - before.prompt_tokens, 2)

    def test_many_clients_get_their_own_answers(self):
        expected = {text: self.vector(text) for text in TEXTS}

        def work(text):
            channel, stub = connect(self.address)
            with channel:
                for _ in range(20):
                    answer = Patient(stub).Embedding(pb.PredictOptions(Embeddings=text))
                    self.assertEqual(list(answer.embeddings), expected[text])

        with ThreadPoolExecutor(9) as pool:
            list(pool.map(work, TEXTS * 3))

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictOptions(Prompt="x")),
                              (client.PredictStream, pb.PredictOptions(Prompt="x")),
                              (client.TokenizeString, pb.PredictOptions(Prompt="x")),
                              (client.StoresFind, pb.StoresFindOptions(TopK=1))):
            self.assert_code(CODE.UNIMPLEMENTED, call, request)


class LexicalProcess(shared.ProcessTest):
    name = "lexical"

    def test_a_connected_client_does_not_hold_up_the_end(self):
        server, client = self.start("--grace-seconds", "3600")
        client.Health(pb.HealthMessage())
        self.end(server, signal.SIGTERM)


class LexicalHostile(hostile.Hostile):
    name = "lexical"
    valid = {"Embedding": pb.PredictOptions(Embeddings="a text"), "LoadModel": pb.ModelOptions(Model="lexical")}


if __name__ == "__main__":
    unittest.main()
