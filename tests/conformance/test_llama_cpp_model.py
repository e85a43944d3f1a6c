"""Loading, unloading, what the server says of itself, and what it answers without a model."""

import concurrent.futures
import math
import os
import pathlib
import tempfile
import unittest

import gguf
from contract import pb
from harness import CODE, DEADLINE, BackendTest, model_path, request


class WithoutModel(BackendTest):
    def setUp(self):
        self.stub.Free(pb.HealthMessage(), timeout=DEADLINE)

    def test_it_says_what_it_is_and_that_nothing_is_loaded(self):
        inspected = self.inspect()
        self.assertEqual((inspected.backend, inspected.state), ("llama-cpp", pb.StatusResponse.UNINITIALIZED))
        self.assertIn("llama.cpp", inspected.version)
        self.assertFalse(inspected.HasField("model"))
        self.assertTrue(any("CPU" in device.name for device in inspected.devices))
        status = self.stub.Status(pb.HealthMessage(), timeout=DEADLINE)
        self.assertEqual(status.state, pb.StatusResponse.UNINITIALIZED)
        self.assertGreater(status.memory.total, 0)
        self.assertGreaterEqual(status.memory.breakdown["peak"], status.memory.total)

    def test_what_needs_a_model_says_so(self):
        for call, message in [
            (self.stub.Predict, request()),
            (self.stub.PredictStream, request()),
            (self.stub.Embedding, pb.PredictOptions(Embeddings="a")),
            (self.stub.TokenizeString, pb.PredictOptions(Prompt="a", ModelIdentity="other")),
            (self.stub.Detokenize, pb.DetokenizeRequest(tokens=[1])),
            (self.stub.ModelMetadata, pb.ModelOptions()),
            (self.stub.Score, pb.ScoreRequest(prompt="a", candidates=["b"])),
            (self.stub.Rerank, pb.RerankRequest(query="a", documents=["b"])),
        ]:
            with self.subTest(type(message).__name__):
                self.assert_code(CODE.FAILED_PRECONDITION, call, message, says="LoadModel")

    def test_freeing_nothing_succeeds(self):
        self.assertTrue(self.stub.Free(pb.HealthMessage(), timeout=DEADLINE).success)

    def test_a_vector_store_is_somebody_elses_work(self):
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.StoresGet, pb.StoresGetOptions())


class Loading(BackendTest):
    def load_request(self, model, **options):
        return pb.ModelOptions(ModelFile=str(model), **options)

    def test_a_model_is_described(self):
        answer = self.load(Model="tiny", ContextSize=128, Options=["parallel:3"])
        self.assertTrue(answer.success)
        inspected = self.inspect()
        model = inspected.model
        self.assertEqual((model.identity, model.path, model.context_length), ("tiny", model_path(), 128))
        self.assertGreater(model.vocabulary_size, 0)
        self.assertGreater(model.embedding_size, 0)
        self.assertGreater(model.parameters, 0)
        self.assertGreater(model.load_ms, 0)
        self.assertLessEqual(model.size_bytes, os.path.getsize(model_path()))
        self.assertEqual(inspected.state, pb.StatusResponse.READY)
        slots = inspected.slots
        self.assertEqual((slots.total, slots.busy, slots.queued), (3, 0, 0))

    def test_the_name_stands_for_the_file_where_there_is_no_other(self):
        self.stub.LoadModel(pb.ModelOptions(Model=model_path(), Threads=1), timeout=DEADLINE)
        self.assertEqual(self.inspect().model.path, model_path())

    def test_what_is_meant_for_another_model_is_refused(self):
        self.load(Model="tiny")
        mine, other = {"ModelIdentity": "tiny"}, {"ModelIdentity": "other"}
        for call, message in [(self.stub.Predict, lambda identity: request(Tokens=1, **identity)),
                              (self.stub.PredictStream, lambda identity: request(Tokens=1, **identity)),
                              (self.stub.Embedding, lambda identity: pb.PredictOptions(Embeddings="a", **identity)),
                              (self.stub.TokenizeString, lambda identity: pb.PredictOptions(Prompt="a", **identity))]:
            self.assert_code(CODE.FAILED_PRECONDITION, call, message(other), says="model identity mismatch: ")
            answer = call(message(mine), timeout=DEADLINE)
            if hasattr(answer, "__next__"):
                list(answer)

    def test_every_option_that_localai_sends_is_understood(self):
        self.load(NGPULayers=99999999, NBatch=512, F16Memory=True, LowVRAM=True, NUMA=True, Type="", MainGPU="0",
                  TensorSplit="3,2", FlashAttention="auto", NoKVOffload=True, RopeFreqBase=10000, RopeFreqScale=1,
                  RopeScaling="linear", YarnExtFactor=-1, YarnAttnFactor=1, YarnBetaFast=32, YarnBetaSlow=1,
                  CacheTypeKey="bf16", CacheTypeValue="f16", ModelPath="/models", Embeddings=True, Seed=-1,
                  Options=["use_jinja:true", "context_shift:false", "cache_ram:-1", "n_parallel:2", "of_another:1"])
        self.assertEqual(self.inspect().slots.total, 2)
        self.stub.Predict(request(Tokens=2), timeout=DEADLINE)

    def test_the_file_can_be_overruled(self):
        self.load(Overrides=["llama.context_length=int:100"])
        self.assertEqual(self.inspect().model.trained_context_length, 100)

    def test_a_missing_file_is_not_found_and_costs_nothing(self):
        self.load()
        self.assert_code(CODE.NOT_FOUND, self.stub.LoadModel, self.load_request("/nowhere/model.gguf"),
                         says="/nowhere/model.gguf")
        self.assertEqual(self.inspect().state, pb.StatusResponse.READY)

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
        for options in [{"ContextSize": -1}, {"ContextSize": 2**31 - 1}, {"NBatch": -1}, {"Threads": 5000},
                        {"CacheTypeKey": "f17"}, {"CacheTypeValue": "q4_k"}, {"FlashAttention": "maybe"},
                        {"MainGPU": "first"}, {"MainGPU": "-1"}, {"TensorSplit": "1,x"}, {"TensorSplit": "-1"},
                        {"TensorSplit": ",".join("1" * 200)}, {"RopeScaling": "cubic"}, {"RopeFreqBase": math.nan},
                        {"Overrides": ["no.type=1"]}, {"Overrides": ["a=byte:1"]}, {"Overrides": ["a=int:one"]},
                        {"Overrides": ["k" * 128 + "=int:1"]},
                        *({"Options": [option]} for option in (
                            "parallel:0", "parallel:65", "n_parallel:x", "queue:-1", "pooling_type:max",
                            "embd_normalize:7", "chat_template:no such template"))]:
            with self.subTest(options):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel,
                                 self.load_request(model_path(), **options))
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, pb.ModelOptions())

    def test_adapters_change_the_model(self):
        def text(**options):
            self.load(**options)
            return self.stub.Predict(request(Tokens=24, IgnoreEOS=True), timeout=DEADLINE).message

        plain = text()
        with tempfile.TemporaryDirectory() as directory:
            gguf.write_adapter(pathlib.Path(directory, "lora.gguf"), self.inspect().model.embedding_size)
            full = text(ModelPath=directory, LoraAdapters=["lora.gguf"])
            self.assertNotEqual(full, plain)
            self.assertEqual(text(LoraAdapter=f"{directory}/lora.gguf"), full)
            self.assertEqual(text(LoraAdapter=f"{directory}/lora.gguf", LoraScale=1), full)
            self.assertEqual(text(ModelPath=directory, LoraAdapters=["lora.gguf"], LoraScales=[0]), plain)
            for options, code in [({"LoraScales": [1, 1]}, CODE.INVALID_ARGUMENT),
                                  ({"LoraScales": [math.nan]}, CODE.INVALID_ARGUMENT),
                                  ({"ModelPath": "/nowhere"}, CODE.NOT_FOUND),
                                  ({"LoraAdapters": [model_path()]}, CODE.INVALID_ARGUMENT)]:
                options = {"ModelPath": directory, "LoraAdapters": ["lora.gguf"], **options}
                self.assert_code(code, self.stub.LoadModel, self.load_request(model_path(), **options))

    def test_a_second_load_takes_the_place_of_the_first(self):
        self.load(Options=["parallel:1"])
        self.load(Options=["parallel:2"])
        self.assertEqual(self.inspect().slots.total, 2)
        self.assertTrue(self.stub.Free(pb.HealthMessage(), timeout=DEADLINE).success)
        self.assertEqual(self.inspect().state, pb.StatusResponse.UNINITIALIZED)

    def test_a_template_is_told(self):
        self.load()
        self.assertEqual(self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE), pb.ModelMetadataResponse())
        self.load(Options=["chat_template:chatml"])
        told = self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE)
        self.assertIn("<|im_start|>user", told.rendered_template)
        self.assertFalse(told.supports_thinking)

    def test_memory_comes_back(self):
        def resident():
            return self.stub.Status(pb.HealthMessage(), timeout=DEADLINE).memory.total

        def cycle():
            self.load(ContextSize=4096)
            self.stub.Predict(request(Tokens=8), timeout=DEADLINE)
            self.stub.Embedding(pb.PredictOptions(Embeddings="hello"), timeout=DEADLINE)
            loaded = resident()
            self.stub.Free(pb.HealthMessage(), timeout=DEADLINE)
            return loaded, resident()

        for _ in range(3):
            cycle()
        _, before = cycle()
        for _ in range(40):
            loaded, after = cycle()
        self.assertLess(after, loaded)
        # A leaked context of the tiny model is 4 MiB for each cycle, 160 in all; the allocator keeps up to 20 of what it
        # has, more or less as threads come and go.
        self.assertLess(after, before + 60 * 1024 * 1024)


class Quantised(BackendTest):
    def test_a_seed_fixes_the_answer_where_nothing_runs_beside_it(self):
        """The weights are quantised: what a step computes for one request differs with how many others are in it."""
        asked = request("hello", greedy=False, Tokens=100, IgnoreEOS=True, Seed=7, Temperature=1.5)
        others = [request(prompt, Tokens=100, IgnoreEOS=True) for prompt in ("to be", "on and on", "é終🎉", "lorem")]

        def ask(one):
            return self.stub.Predict(one, timeout=DEADLINE).message

        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "quantised.gguf")
            gguf.write_quantised(path, pathlib.Path(model_path()))
            self.load(ModelFile=str(path), ContextSize=512, Options=["parallel:8"])
            alone = ask(asked)
            self.assertEqual(ask(asked), alone)
            self.load(ModelFile=str(path), ContextSize=512, Options=["parallel:1"])
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                waiting = [pool.submit(ask, one) for one in others]
                self.assertEqual(list(pool.map(ask, [asked] * 4)), [alone] * 4)
                self.assertTrue(all(each.result() for each in waiting))


if __name__ == "__main__":
    unittest.main()
