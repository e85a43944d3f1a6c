"""Sentence embeddings, as a client sees them."""

import math
import pathlib
import signal
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import grpc
import shared
from contract import pb
from harness import CODE, DEADLINE, BackendTest, connect
from shared import Patient

WEATHER = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
# Enough work that a request is surely still running while others are made.
LONG = ["word " * 200] * 400


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


class MiniLM(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.load()

    def load(self, **options):
        return self.client.LoadModel(pb.LoadModelRequest(**options)).model

    def embed(self, *inputs, **options):
        answer = self.client.Embedding(pb.EmbeddingRequest(inputs=inputs, **options))
        return [list(vector.values) for vector in answer.embeddings]

    def running(self, **options):
        """Starts a long request and returns it once the backend works on it."""
        call = self.stub.Embedding.future(
            pb.EmbeddingRequest(inputs=LONG, **options), timeout=DEADLINE)
        self.addCleanup(call.cancel)
        self.wait_until(lambda status: status.slots.busy >= 1, "the request to run")
        return call

    def test_health(self):
        self.assertEqual(self.client.Health(pb.HealthRequest()).backend, "minilm")

    def test_the_model_that_comes_with_it(self):
        model = self.load()
        self.assertEqual((model.embedding_size, model.vocabulary_size), (384, 30522))
        self.assertEqual((model.context_length, model.trained_context_length), (256, 512))
        status = self.status()
        self.assertEqual((status.state, status.slots.total), (pb.MODEL_STATE_READY, 4))
        self.assertEqual(status.model, model)

    def test_figures_that_the_model_is_published_with(self):
        vectors = self.embed(*WEATHER)
        for i, j, similarity in ((0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411)):
            self.assertAlmostEqual(dot(vectors[i], vectors[j]), similarity, places=4)
        first = self.embed("This is an example sentence")[0][:4]
        for value, expected in zip(first, (0.0676569, 0.0634959, 0.0487131, 0.0793049), strict=True):
            self.assertAlmostEqual(value, expected, places=5)

    def test_like_is_nearer_than_unlike(self):
        a, b, c = self.embed("How do I bake bread?", "A recipe for a loaf", "The train to Berlin is late")
        self.assertGreater(dot(a, b), dot(a, c) + 0.1)

    def test_a_batch_gives_what_each_gives_alone(self):
        texts = [*WEATHER, "a", "word " * 250, "Übergröße, naïve café 東京 🙂"]
        for text, vector in zip(texts, self.embed(*texts), strict=True):
            self.assertGreater(dot(vector, self.embed(text)[0]), 0.99999, text[:20])

    def test_normalize(self):
        scaled, raw = self.embed(WEATHER[0])[0], self.embed(WEATHER[0], normalize=False)[0]
        self.assertAlmostEqual(dot(scaled, scaled), 1, places=5)
        self.assertGreater(abs(dot(raw, raw) - 1), 0.01)
        self.assertAlmostEqual(dot(scaled, raw), math.sqrt(dot(raw, raw)), places=4)

    def test_pooling_changes_the_vector(self):
        mean = self.embed(WEATHER[0])[0]
        for pooling in (pb.POOLING_CLS, pb.POOLING_LAST):
            self.load(pooling=pooling)
            self.assertLess(dot(mean, self.embed(WEATHER[0])[0]), 0.999)

    def test_prompt_tokens(self):
        answer = self.client.Embedding(pb.EmbeddingRequest(inputs=["hello world", "hello"]))
        self.assertEqual(answer.prompt_tokens, 4 + 3)

    def test_what_does_not_fit_is_refused(self):
        long = pb.EmbeddingRequest(inputs=["short", "word " * 300])
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.client.Embedding, long,
                         says="input 1 has 302 tokens, the context holds 256")
        self.assertEqual(self.load(context_length=302).context_length, 302)
        self.assertEqual(len(self.client.Embedding(long).embeddings), 2)

    def test_wrong_requests(self):
        for inputs in ([], [""], ["a", ""]):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.EmbeddingRequest(inputs=inputs))
        for options in ({"context_length": 513}, {"context_length": 0}, {"parallel": 0}, {"parallel": 65}):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.LoadModel, pb.LoadModelRequest(**options))

    def test_a_model_that_is_none(self):
        self.assert_code(CODE.NOT_FOUND, self.client.LoadModel, pb.LoadModelRequest(model="/nowhere/at/all"))
        self.assertEqual(self.status().state, pb.MODEL_STATE_UNLOADED)
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.Embedding, pb.EmbeddingRequest(inputs=["x"]))
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.TokenizeString, pb.TokenizeStringRequest(text="x"))

    def test_unload(self):
        self.assertTrue(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertFalse(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.Embedding, pb.EmbeddingRequest(inputs=["x"]))

    def test_tokens(self):
        def tokenize(**options):
            answer = self.client.TokenizeString(pb.TokenizeStringRequest(**options))
            return list(answer.tokens), [piece.decode() for piece in answer.pieces]

        self.assertEqual(tokenize(text="Hello unbelievably"),
                         ([7592, 4895, 8671, 2666, 3567, 6321], ["hello", "un", "bel", "ie", "va", "bly"]))
        self.assertEqual(tokenize(text="hello", add_special=True), ([101, 7592, 102], ["[CLS]", "hello", "[SEP]"]))
        self.assertEqual(tokenize(text="[SEP]")[1], ["[", "sep", "]"])
        self.assertEqual(tokenize(text="[SEP]", parse_special=True), ([102], ["[SEP]"]))
        self.assertEqual(tokenize(text=""), ([], []))

    def test_detokenize(self):
        def detokenize(*tokens, **options):
            return self.client.Detokenize(pb.DetokenizeRequest(tokens=tokens, **options)).text

        self.assertEqual(detokenize(101, 7592, 2088, 102), "hello world")
        self.assertEqual(detokenize(101, 7592, 102, show_special=True), "[CLS] hello [SEP]")
        self.assert_code(CODE.INVALID_ARGUMENT, self.client.Detokenize, pb.DetokenizeRequest(tokens=[30522]))

    def test_many_clients_get_their_own_answers(self):
        expected = {text: self.embed(text)[0] for text in WEATHER}

        def work(text):
            channel, stub = connect(self.address)
            with channel:
                for _ in range(5):
                    answer = Patient(stub).Embedding(pb.EmbeddingRequest(inputs=[text]))
                    self.assertGreater(dot(answer.embeddings[0].values, expected[text]), 0.99999)

        with ThreadPoolExecutor(9) as pool:
            list(pool.map(work, WEATHER * 3))

    def test_one_too_many_is_refused(self):
        self.load(parallel=1, queue_limit=0)
        self.running()
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.client.Embedding, pb.EmbeddingRequest(inputs=["x"]))
        self.client.Health(pb.HealthRequest())

    def test_cancelling_ends_the_work_and_lets_the_next_in(self):
        self.load(parallel=1)
        before = self.status().counters.requests_cancelled
        call = self.running()
        waiting = self.stub.Embedding.future(pb.EmbeddingRequest(inputs=["x"]), timeout=DEADLINE)
        self.wait_until(lambda status: status.slots.queued == 1, "the request to wait")
        call.cancel()
        self.assertEqual(len(waiting.result().embeddings), 1)
        self.wait_until(lambda status: not status.slots.busy, "the slot to be free")
        self.assertEqual(self.status().counters.requests_cancelled, before + 1)

    def test_one_that_waits_can_go(self):
        self.load(parallel=1)
        self.running()
        waiting = self.stub.Embedding.future(pb.EmbeddingRequest(inputs=["x"]), timeout=DEADLINE)
        self.wait_until(lambda status: status.slots.queued == 1, "the request to wait")
        waiting.cancel()
        self.wait_until(lambda status: status.slots.queued == 0, "the request to go")
        self.assertEqual(self.status().slots.busy, 1)

    def test_unloading_cancels_what_runs(self):
        call = self.running()
        self.client.UnloadModel(pb.UnloadModelRequest())
        self.assert_code(CODE.CANCELLED, call.result)

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictRequest(prompt="x")),
                              (client.PredictStream, pb.PredictRequest(prompt="x")),
                              (client.StoresFind, pb.StoresFindRequest(top_k=1))):
            self.assert_code(CODE.UNIMPLEMENTED, call, request)


class MiniLMProcess(shared.ProcessTest):
    name = "minilm"

    def assert_refused(self, code, call, request, says):
        with self.assertRaises(grpc.RpcError) as caught:
            call(request)
        self.assertEqual(caught.exception.code(), code)
        self.assertIn(says, caught.exception.details())

    def test_nothing_is_loaded_at_first(self):
        _, client = self.start()
        self.assertEqual(client.Status(pb.StatusRequest()).state, pb.MODEL_STATE_UNLOADED)
        self.assert_refused(CODE.FAILED_PRECONDITION, client.Embedding, pb.EmbeddingRequest(inputs=["x"]), "LoadModel")

    def test_a_directory_without_a_model(self):
        _, client = self.start()
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory)
            request = pb.LoadModelRequest(model=directory)
            self.assert_refused(CODE.INVALID_ARGUMENT, client.LoadModel, request, "config.json")
            (path / "config.json").write_text("{}", encoding="ascii")
            self.assert_refused(CODE.INVALID_ARGUMENT, client.LoadModel, request, directory)

    def busy(self, *arguments, texts):
        """A server of its own that works on a request for so many texts."""
        server, client = self.start(*arguments)
        client.LoadModel(pb.LoadModelRequest())
        call = client.stub.Embedding.future(pb.EmbeddingRequest(inputs=LONG[:texts]), timeout=DEADLINE)
        while not client.Status(pb.StatusRequest()).slots.busy:
            self.assertFalse(call.done(), "the request was over before it could be seen")
        return server, call

    def test_what_runs_may_finish_within_the_grace(self):
        server, call = self.busy("--grace-seconds", "60", texts=8)
        self.end(server, signal.SIGTERM)
        self.assertEqual(len(call.result().embeddings), 8)

    def test_what_runs_is_cut_short_without_grace(self):
        server, call = self.busy("--grace-seconds", "0", texts=400)
        self.end(server, signal.SIGTERM)
        self.assertIn(call.code(), (CODE.CANCELLED, CODE.UNAVAILABLE))

    def test_a_second_signal_ends_the_grace(self):
        server, call = self.busy("--grace-seconds", "3600", texts=400)
        self.end(server, signal.SIGTERM, signal.SIGINT)
        self.assertIn(call.code(), (CODE.CANCELLED, CODE.UNAVAILABLE))


if __name__ == "__main__":
    unittest.main()
