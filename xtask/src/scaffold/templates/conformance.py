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

    def test_health(self):
        self.assertEqual(self.client.Health(pb.HealthRequest()).backend, NAME)

    def test_it_is_ready_without_a_model_and_takes_any_name(self):
        self.assertEqual(self.status().state, pb.MODEL_STATE_READY)
        model = self.client.LoadModel(pb.LoadModelRequest(model="bytes")).model
        self.assertEqual((model.path, model.embedding_size), ("bytes", SIZE))
        self.assertEqual(self.status().model, model)
        self.assertTrue(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertFalse(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)

    def test_bytes_are_counted(self):
        answer = self.client.Embedding(pb.EmbeddingRequest(inputs=["aab", "ß"], normalize=False))
        self.assertEqual(answer.prompt_tokens, 5)
        first, second = (list(vector.values) for vector in answer.embeddings)
        self.assertEqual((len(first), first[ord("a")], first[ord("b")], sum(first)), (SIZE, 2, 1, 3))
        self.assertEqual((second[0xC3], second[0x9F], sum(second)), (1, 1, 2))
        (vector,) = self.client.Embedding(pb.EmbeddingRequest(inputs=["aab"])).embeddings
        self.assertAlmostEqual(math.hypot(*vector.values), 1, places=5)

    def test_what_it_refuses_is_counted(self):
        before = self.status().counters
        for inputs in ([], [""], ["text", ""]):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Embedding, pb.EmbeddingRequest(inputs=inputs))
        self.client.Embedding(pb.EmbeddingRequest(inputs=["text"]))
        after = self.status().counters
        self.assertEqual(after.requests - before.requests, 4)
        self.assertEqual(after.requests_failed - before.requests_failed, 3)

    def test_it_does_nothing_else(self):
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.Predict, pb.PredictRequest(prompt="x"))
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.StoresFind, pb.StoresFindRequest())


class Process(shared.ProcessTest):
    name = NAME
