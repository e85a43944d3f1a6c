"""Loading, unloading, what the server says of itself, and what it answers without a model."""

import os
import pathlib
import tempfile
import unittest

from contract import pb
from harness import CODE, DEADLINE, BackendTest, model_path, request


class WithoutModel(BackendTest):
    def setUp(self):
        self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE)

    def test_health_needs_no_model(self):
        answer = self.stub.Health(pb.HealthRequest(), timeout=DEADLINE)
        self.assertEqual(answer.backend, "llama-cpp")
        self.assertIn("llama.cpp", answer.version)

    def test_status_tells_that_nothing_is_loaded(self):
        status = self.status()
        self.assertEqual(status.state, pb.MODEL_STATE_UNLOADED)
        self.assertFalse(status.HasField("model"))
        self.assertTrue(any("CPU" in device.name for device in status.devices))
        self.assertGreater(status.memory.resident_bytes, 0)

    def test_what_needs_a_model_says_so(self):
        for call, message in [
            (self.stub.Predict, request()),
            (self.stub.PredictStream, request()),
            (self.stub.Embedding, pb.EmbeddingRequest(inputs=["a"])),
            (self.stub.TokenizeString, pb.TokenizeStringRequest(text="a")),
            (self.stub.Detokenize, pb.DetokenizeRequest(tokens=[1])),
        ]:
            with self.subTest(type(message).__name__):
                self.assert_code(CODE.FAILED_PRECONDITION, call, message, says="LoadModel")

    def test_unloading_nothing_succeeds(self):
        self.assertFalse(self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE).unloaded)

    def test_a_vector_store_is_somebody_elses_work(self):
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.StoresGet, pb.StoresGetRequest())


class Loading(BackendTest):
    def load_request(self, model, **options):
        return pb.LoadModelRequest(model=str(model), **options)

    def test_a_model_is_described(self):
        answer = self.load(context_length=128, parallel=3)
        self.assertEqual(answer.model.path, model_path())
        self.assertEqual(answer.model.context_length, 128)
        self.assertGreater(answer.model.vocabulary_size, 0)
        self.assertGreater(answer.model.embedding_size, 0)
        self.assertGreater(answer.model.parameters, 0)
        self.assertLessEqual(answer.model.size_bytes, os.path.getsize(model_path()))
        status = self.status()
        self.assertEqual(status.state, pb.MODEL_STATE_READY)
        self.assertEqual(status.model, answer.model)
        self.assertEqual((status.slots.total, status.slots.busy, status.slots.queued), (3, 0, 0))

    def test_a_missing_file_is_not_found_and_costs_nothing(self):
        self.load()
        self.assert_code(CODE.NOT_FOUND, self.stub.LoadModel, self.load_request("/nowhere/model.gguf"),
                         says="/nowhere/model.gguf")
        self.assertEqual(self.status().state, pb.MODEL_STATE_READY)

    def test_files_that_are_no_model(self):
        whole = pathlib.Path(model_path()).read_bytes()
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            cases = {
                "empty": b"",
                "garbage": bytes(range(256)) * 64,
                "only-a-header": whole[:24],
                "cut-in-the-metadata": whole[: min(len(whole) // 4, 2000)],
                "cut-in-the-tensors": whole[: -len(whole) // 3],
                "wrong-version": whole[:4] + b"\xff\xff\xff\x7f" + whole[8:],
                "huge-counts": whole[:8] + b"\xff" * 16 + whole[24:],
            }
            for name, content in cases.items():
                with self.subTest(name):
                    path = root / f"{name}.gguf"
                    path.write_bytes(content)
                    self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, self.load_request(path), says=name)
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, self.load_request(root), says="no file")
        # The server survived all of it.
        self.load()

    def test_options_out_of_range(self):
        for options in [{"context_length": 0}, {"parallel": 0}, {"parallel": 65}, {"batch_size": 0}, {"threads": 0},
                        {"chat_template": "no such template"}, {"model": ""}]:
            with self.subTest(options):
                message = self.load_request(model_path())
                message.MergeFrom(pb.LoadModelRequest(**options))
                if options.get("model") == "":
                    message.model = ""
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, message)

    def test_a_second_load_takes_the_place_of_the_first(self):
        self.load(parallel=1)
        self.load(parallel=2)
        self.assertEqual(self.status().slots.total, 2)
        self.assertTrue(self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE).unloaded)
        self.assertEqual(self.status().state, pb.MODEL_STATE_UNLOADED)

    def test_memory_comes_back(self):
        def cycle():
            self.load(context_length=4096)
            self.stub.Predict(request(max_tokens=8), timeout=DEADLINE)
            self.stub.Embedding(pb.EmbeddingRequest(inputs=["hello"]), timeout=DEADLINE)
            loaded = self.status().memory.resident_bytes
            self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE)
            return loaded, self.status().memory.resident_bytes

        for _ in range(3):
            cycle()
        _, before = cycle()
        for _ in range(40):
            loaded, after = cycle()
        self.assertLess(after, loaded)
        # A leaked context of the tiny model is 4 MiB for each cycle, 160 in all; the allocator keeps up to 20 of what it
        # has, more or less as threads come and go.
        self.assertLess(after, before + 60 * 1024 * 1024)


if __name__ == "__main__":
    unittest.main()
