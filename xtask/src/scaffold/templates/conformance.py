"""The contract of scaffold, as a client sees it."""

import math

import shared
from contract import pb
from harness import CODE, BackendTest
from shared import Patient

NAME = "scaffold"
SIZE = 256


class Contract(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.client.Free(pb.HealthMessage())

    def embed(self, text, **options):
        return self.client.Embedding(pb.PredictOptions(Embeddings=text, **options))

    def test_it_is_ready_without_a_model_and_takes_any_name(self):
        self.assertEqual((self.inspect().backend, self.inspect().state), (NAME, pb.StatusResponse.READY))
        status = self.client.Status(pb.HealthMessage())
        self.assertEqual(status.state, pb.StatusResponse.READY)
        self.assertGreaterEqual(status.memory.breakdown["peak"], status.memory.total)
        self.assertTrue(self.client.LoadModel(pb.ModelOptions(Model="bytes")).success)
        self.assertEqual((self.inspect().model.identity, self.inspect().model.embedding_size), ("bytes", SIZE))
        for _ in range(2):
            self.assertTrue(self.client.Free(pb.HealthMessage()).success)
        self.assertEqual(self.inspect().model.identity, "")

    def test_what_is_meant_for_another_model_is_refused(self):
        self.client.LoadModel(pb.ModelOptions(Model="bytes"))
        self.embed("x", ModelIdentity="bytes")
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Embedding,
                         pb.PredictOptions(Embeddings="x", ModelIdentity="other"), says="model identity mismatch: ")

    def test_bytes_are_counted(self):
        answer = self.embed("aabß")
        self.assertEqual((answer.tokens, answer.dim, answer.prompt_tokens, answer.layout),
                         (1, SIZE, 5, pb.EMBEDDING_LAYOUT_FINAL))
        vector = list(answer.embeddings)
        self.assertAlmostEqual(math.hypot(*vector), 1, places=5)
        self.assertAlmostEqual(vector[ord("a")], 2 * vector[ord("b")], places=5)
        self.assertAlmostEqual(vector[0xC3], vector[ord("b")], places=5)

    def test_what_it_refuses_is_counted(self):
        before = self.inspect().counters
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Embedding, pb.PredictOptions())
        self.embed("text")
        after = self.inspect().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)

    def test_it_does_nothing_else(self):
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.Predict, pb.PredictOptions(Prompt="x"))
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.StoresFind, pb.StoresFindOptions())


class Process(shared.ProcessTest):
    name = NAME
