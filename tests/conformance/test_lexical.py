"""Vectors from words and their parts, as a client sees them."""

import math
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

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

    def embed(self, *inputs, **options):
        answer = self.client.Embedding(pb.EmbeddingRequest(inputs=inputs, **options))
        return [list(vector.values) for vector in answer.embeddings]

    def test_health(self):
        self.assertEqual(self.client.Health(pb.HealthRequest()).backend, "lexical")

    def test_it_is_ready_without_a_model_and_takes_any_name(self):
        self.assertEqual(self.status().state, pb.MODEL_STATE_READY)
        model = self.client.LoadModel(pb.LoadModelRequest(model="words")).model
        self.assertEqual((model.path, model.embedding_size), ("words", 512))
        self.assertEqual(self.status().model, model)
        self.assertTrue(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertFalse(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertEqual(len(self.embed("still there")[0]), 512)

    def test_like_is_nearer_than_unlike(self):
        a, b, c = self.embed(*TEXTS)
        self.assertGreater(dot(a, b), dot(a, c) + 0.2)
        self.assertAlmostEqual(dot(a, self.embed("the WATERS, the gardener; tomatoes")[0]), 1, places=5)

    def test_a_batch_gives_what_each_gives_alone(self):
        texts = [*TEXTS, "...", "word " * 5000, "Übergröße, naïve café 東京 🙂"]
        for text, vector in zip(texts, self.embed(*texts), strict=True):
            self.assertEqual(vector, self.embed(text)[0], text[:20])

    def test_normalize(self):
        scaled, raw = self.embed(TEXTS[0])[0], self.embed(TEXTS[0], normalize=False)[0]
        self.assertAlmostEqual(dot(scaled, scaled), 1, places=5)
        self.assertGreater(dot(raw, raw), 2)
        self.assertAlmostEqual(dot(scaled, raw), math.sqrt(dot(raw, raw)), places=4)

    def test_what_is_wrong_is_refused(self):
        for inputs in ([], [""], ["a", ""]):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.EmbeddingRequest(inputs=inputs))

    def test_counters(self):
        before = self.status().counters
        self.assertEqual(self.client.Embedding(pb.EmbeddingRequest(inputs=["one two", "three"])).prompt_tokens, 3)
        self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.EmbeddingRequest())
        after = self.status().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)
        self.assertEqual(after.prompt_tokens - before.prompt_tokens, 3)

    def test_many_texts_in_one_message(self):
        vectors = self.embed(*[f"text number {i} of many" * 100 for i in range(4000)])
        self.assertEqual(len(vectors), 4000)

    def test_many_clients_get_their_own_answers(self):
        expected = {text: self.embed(text)[0] for text in TEXTS}

        def work(text):
            channel, stub = connect(self.address)
            with channel:
                for _ in range(20):
                    answer = Patient(stub).Embedding(pb.EmbeddingRequest(inputs=[text]))
                    self.assertEqual(list(answer.embeddings[0].values), expected[text])

        with ThreadPoolExecutor(9) as pool:
            list(pool.map(work, TEXTS * 3))

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictRequest(prompt="x")),
                              (client.PredictStream, pb.PredictRequest(prompt="x")),
                              (client.TokenizeString, pb.TokenizeStringRequest(text="x")),
                              (client.StoresFind, pb.StoresFindRequest(top_k=1))):
            self.assert_code(CODE.UNIMPLEMENTED, call, request)


class LexicalProcess(shared.ProcessTest):
    name = "lexical"

    def test_a_connected_client_does_not_hold_up_the_end(self):
        server, client = self.start("--grace-seconds", "3600")
        client.Health(pb.HealthRequest())
        self.end(server, signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
