"""Sentence embeddings, as a client sees them."""

import math
import pathlib
import signal
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import grpc
import hostile
import shared
from contract import pb
from harness import CODE, DEADLINE, BackendTest, connect
from shared import Patient

WEATHER = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
# As much as the model takes: as many of them as are asked for together are surely still running while others are made.
LONG = pb.PredictOptions(Embeddings="word " * 500)
MANY = 60


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


class MiniLM(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.load()

    def load(self, **options):
        self.assertTrue(self.client.LoadModel(pb.ModelOptions(**options)).success)
        return self.inspect().model

    def embed(self, text, **options):
        return self.client.Embedding(pb.PredictOptions(Embeddings=text, **options))

    def vector(self, text):
        return list(self.embed(text).embeddings)

    def crowd(self, count=MANY):
        """Starts long requests and returns them once the backend works on the first and others wait."""
        calls = [self.stub.Embedding.future(LONG, timeout=DEADLINE) for _ in range(count)]
        for call in calls:
            self.addCleanup(call.cancel)
        self.wait_until(lambda state: state.slots.busy >= 1 and state.slots.queued >= 1, "the requests to run")
        return calls

    def test_the_model_that_comes_with_it(self):
        for options in ({}, {"Model": "minilm"}, {"Model": "all-MiniLM-L6-v2", "ModelFile": "/models/all-MiniLM-L6-v2"}):
            model = self.load(**options)
            self.assertEqual((model.embedding_size, model.vocabulary_size), (384, 30522))
            self.assertEqual((model.context_length, model.trained_context_length), (256, 512))
        # As LocalAI sends it to whoever sets nothing.
        self.assertEqual(self.load(ContextSize=4096).context_length, 512)
        inspected = self.inspect()
        self.assertEqual((inspected.backend, inspected.state), ("minilm", pb.StatusResponse.READY))
        status = self.client.Status(pb.HealthMessage())
        self.assertEqual(status.state, pb.StatusResponse.READY)
        self.assertGreaterEqual(status.memory.breakdown["peak"], status.memory.total)

    def test_threads_are_passes_side_by_side(self):
        self.load(Threads=3)
        self.assertEqual(self.inspect().slots.total, 3)
        self.load(Threads=3, Options=["parallel:2", "gpu"])
        self.assertEqual(self.inspect().slots.total, 2)

    def test_figures_that_the_model_is_published_with(self):
        vectors = [self.vector(text) for text in WEATHER]
        for i, j, similarity in ((0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411)):
            self.assertAlmostEqual(dot(vectors[i], vectors[j]), similarity, places=4)
        first = self.vector("This is an example sentence")[:4]
        for value, expected in zip(first, (0.0676569, 0.0634959, 0.0487131, 0.0793049), strict=True):
            self.assertAlmostEqual(value, expected, places=5)

    def test_like_is_nearer_than_unlike(self):
        a, b, c = map(self.vector, ("How do I bake bread?", "A recipe for a loaf", "The train to Berlin is late"))
        self.assertGreater(dot(a, b), dot(a, c) + 0.1)

    def test_the_shape_of_an_answer(self):
        answer = self.embed("hello world")
        self.assertEqual((answer.tokens, answer.dim, answer.prompt_tokens, answer.layout),
                         (1, 384, 4, pb.EMBEDDING_LAYOUT_FINAL))
        self.assertAlmostEqual(dot(answer.embeddings, answer.embeddings), 1, places=5)
        self.assertEqual(len(self.vector("Übergröße, naïve café 東京 🙂")), 384)

    def test_tokens_stand_for_their_text(self):
        answer = self.client.Embedding(pb.PredictOptions(EmbeddingTokens=[101, 7592, 102]))
        self.assertGreater(dot(answer.embeddings, self.vector("hello")), 0.99999)
        for tokens in ([30522], [-1]):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.PredictOptions(EmbeddingTokens=tokens))

    def test_pooling_changes_the_vector(self):
        mean = self.vector(WEATHER[0])
        for pooling in ("cls", "last"):
            self.load(Options=[f"pooling_type:{pooling}"])
            self.assertLess(dot(mean, self.vector(WEATHER[0])), 0.999)

    def test_what_does_not_fit_is_refused(self):
        long = pb.PredictOptions(Embeddings="word " * 300)
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.client.Embedding, long,
                         says="the input has 302 tokens, the context holds 256")
        self.assertEqual(self.load(ContextSize=302).context_length, 302)
        self.assertEqual(self.client.Embedding(long).prompt_tokens, 302)

    def test_wrong_requests(self):
        self.assert_code(CODE.INVALID_ARGUMENT, self.client.Embedding, pb.PredictOptions())
        for options in ({"ContextSize": 2}, {"Options": ["parallel:0"]}, {"Options": ["parallel:65"]},
                        {"Options": ["parallel:x"]}, {"Options": ["pooling_type:x"]}):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.LoadModel, pb.ModelOptions(**options))

    def test_a_model_that_is_none(self):
        for options in ({"Model": "/nowhere/at/all"}, {"Model": "some.gguf", "ModelFile": "/models/some.gguf"}):
            self.assert_code(CODE.NOT_FOUND, self.client.LoadModel, pb.ModelOptions(**options))
        for name in ("x" * 5000, "a/" * 3000, "nul\0byte"):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.LoadModel, pb.ModelOptions(Model=name))
        # The model before it is still there.
        self.vector("hello")

    def test_a_text_is_bounded_before_it_is_read(self):
        for call, request in ((self.client.Embedding, pb.PredictOptions(Embeddings="a" * (1 << 21))),
                              (self.client.TokenizeString, pb.PredictOptions(Prompt="é" * (1 << 20)))):
            self.assert_code(CODE.RESOURCE_EXHAUSTED, call, request, says="bytes")

    def test_free(self):
        for _ in range(2):
            self.assertTrue(self.client.Free(pb.HealthMessage()).success)
        self.assertEqual(self.inspect().state, pb.StatusResponse.UNINITIALIZED)
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.Embedding, LONG, says="LoadModel")
        self.assert_code(CODE.FAILED_PRECONDITION, self.client.TokenizeString, pb.PredictOptions(Prompt="x"))

    def test_what_is_meant_for_another_model_is_refused(self):
        self.load(Model="minilm")
        self.embed("the same", ModelIdentity="minilm")
        for call in (self.client.Embedding, self.client.TokenizeString):
            self.assert_code(CODE.FAILED_PRECONDITION, call,
                             pb.PredictOptions(Embeddings="x", Prompt="x", ModelIdentity="other"),
                             says="model identity mismatch: ")

    def test_tokens(self):
        def tokenize(text):
            answer = self.client.TokenizeString(pb.PredictOptions(Prompt=text))
            self.assertEqual(answer.length, len(answer.tokens))
            return list(answer.tokens)

        self.assertEqual(tokenize("Hello unbelievably"), [7592, 4895, 8671, 2666, 3567, 6321])
        # Its letters, and not the end of a text.
        self.assertEqual(tokenize("[SEP]"), [1031, 19802, 1033])
        self.assertEqual(tokenize(""), [])

    def test_detokenize(self):
        self.assertEqual(self.client.Detokenize(pb.DetokenizeRequest(tokens=[101, 7592, 2088, 102])).content,
                         "hello world")
        for token in (30522, -1):
            self.assert_code(CODE.INVALID_ARGUMENT, self.client.Detokenize, pb.DetokenizeRequest(tokens=[token]))

    def test_many_clients_get_their_own_answers(self):
        expected = {text: self.vector(text) for text in WEATHER}

        def work(text):
            channel, stub = connect(self.address)
            with channel:
                for _ in range(5):
                    answer = Patient(stub).Embedding(pb.PredictOptions(Embeddings=text))
                    self.assertGreater(dot(answer.embeddings, expected[text]), 0.99999)

        with ThreadPoolExecutor(9) as pool:
            list(pool.map(work, WEATHER * 3))

    def test_one_too_many_is_refused(self):
        self.load(ContextSize=512, Options=["parallel:1", "queue:1"])
        calls = self.crowd()
        codes = {call.code() for call in calls}
        self.assertEqual(codes, {CODE.OK, CODE.RESOURCE_EXHAUSTED})
        self.client.Health(pb.HealthMessage())

    def test_those_that_wait_can_go_and_let_the_others_in(self):
        self.load(ContextSize=512, Options=["parallel:1"])
        before = self.inspect().counters.requests_cancelled
        calls = self.crowd()
        for call in calls[:-1]:
            call.cancel()
        self.assertEqual(len(calls[-1].result().embeddings), 384)
        self.wait_until(lambda state: not state.slots.busy and not state.slots.queued, "the slot to be free")
        self.assertGreater(self.inspect().counters.requests_cancelled, before)

    def test_freeing_cancels_what_waits(self):
        self.load(ContextSize=512, Options=["parallel:1"])
        calls = self.crowd()
        self.client.Free(pb.HealthMessage())
        codes = {call.code() for call in calls}
        self.assertIn(CODE.CANCELLED, codes)
        # The last ones may come when there is no model any more.
        self.assertLessEqual(codes, {CODE.OK, CODE.CANCELLED, CODE.FAILED_PRECONDITION})

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictOptions(Prompt="x")),
                              (client.PredictStream, pb.PredictOptions(Prompt="x")),
                              (client.StoresFind, pb.StoresFindOptions(TopK=1))):
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
        self.assertEqual(client.Inspect(pb.InspectRequest()).state, pb.StatusResponse.UNINITIALIZED)
        self.assert_refused(CODE.FAILED_PRECONDITION, client.Embedding, LONG, "LoadModel")

    def test_a_directory_without_a_model(self):
        _, client = self.start()
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory)
            request = pb.ModelOptions(Model="mine", ModelFile=directory)
            self.assert_refused(CODE.INVALID_ARGUMENT, client.LoadModel, request, "config.json")
            (path / "config.json").write_text("{}", encoding="ascii")
            self.assert_refused(CODE.INVALID_ARGUMENT, client.LoadModel, request, directory)

    def busy(self, *arguments, count):
        """A server of its own that works on so many requests, one after the other."""
        server, client = self.start(*arguments)
        client.LoadModel(pb.ModelOptions(ContextSize=512, Options=["parallel:1"]))
        calls = [client.stub.Embedding.future(LONG, timeout=DEADLINE) for _ in range(count)]
        while not client.Inspect(pb.InspectRequest()).slots.queued:
            self.assertFalse(calls[-1].done(), "the requests were over before they could be seen")
        return server, calls

    def test_what_runs_may_finish_within_the_grace(self):
        server, calls = self.busy("--grace-seconds", "60", count=8)
        self.end(server, signal.SIGTERM)
        # What ran and what waited; what had not arrived yet was too late.
        codes = [call.code() for call in calls]
        self.assertLessEqual(set(codes), {CODE.OK, CODE.CANCELLED, CODE.UNAVAILABLE})
        self.assertGreaterEqual(codes.count(CODE.OK), 2)

    def test_what_runs_is_cut_short_without_grace(self):
        server, calls = self.busy("--grace-seconds", "0", count=MANY)
        self.end(server, signal.SIGTERM)
        self.assertIn(calls[-1].code(), (CODE.CANCELLED, CODE.UNAVAILABLE))

    def test_a_second_signal_ends_the_grace(self):
        server, calls = self.busy("--grace-seconds", "3600", count=MANY)
        self.end(server, signal.SIGTERM, signal.SIGINT)
        self.assertIn(calls[-1].code(), (CODE.CANCELLED, CODE.UNAVAILABLE))


class MiniLMHostile(hostile.Hostile):
    name = "minilm"
    valid = {"Embedding": pb.PredictOptions(Embeddings="a text"), "TokenizeString": pb.PredictOptions(Prompt="a text"),
             "Detokenize": pb.DetokenizeRequest(tokens=[7592]), "LoadModel": pb.ModelOptions(Model="minilm")}

    def setUp(self):
        self.stub.LoadModel(self.valid["LoadModel"], timeout=DEADLINE)


if __name__ == "__main__":
    unittest.main()
