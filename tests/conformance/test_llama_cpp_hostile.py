"""Requests and files that would end the server, or keep it from everybody else.

BACKEND_VOCABULARIES  the directory with llama.cpp's own vocabularies
"""

import contextlib
import math
import os
import pathlib
import tempfile
import unittest

import grpc

import gguf
import hostile
from contract import pb
from harness import CODE, DEADLINE, BackendTest, model_path, request


class LlamaCppHostile(hostile.Hostile):
    name = "llama-cpp"
    valid = {"Predict": request("hello", Tokens=2), "Embedding": pb.PredictOptions(Embeddings="hello"),
             "TokenizeString": pb.PredictOptions(Prompt="hello"), "Detokenize": pb.DetokenizeRequest(tokens=[260]),
             "Score": pb.ScoreRequest(prompt="a", candidates=["b"])}

    def setUp(self):
        self.load()


class Requests(BackendTest):
    """A second client's stream is the same to its end, whatever another one asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls, ContextSize=4096)

    @contextlib.contextmanager
    def somebody_else(self):
        asked = request("undisturbed", Tokens=300, IgnoreEOS=True)
        expected = self.stub.Predict(asked, timeout=DEADLINE).message
        stream = self.stub.PredictStream(asked, timeout=DEADLINE)
        first = next(stream).message
        yield
        self.assertEqual(first + b"".join(reply.message for reply in stream), expected)

    def test_grammars(self):
        chain = "".join(f'r{i} ::= "a" r{i + 1}\n' for i in range(100000))
        with self.somebody_else():
            for grammar in ["root ::= " + "(" * 60000 + '"a"' + ")" * 60000, "root ::= " + "(" * 60000,
                            f'root ::= r0\n{chain}r100000 ::= "b"', 'root ::= "a"{3,1}', 'root ::= (("a"?){50}){30}',
                            'root ::= "' + "a" * 5000000 + '"']:
                with self.subTest(grammar[:40]):
                    self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(Grammar=grammar), says="the grammar")

    def test_grammars_with_too_many_ways(self):
        """That cannot be seen beforehand; what it costs the others is bounded."""
        grammar = 'root ::= s\ns ::= "a" s t | "a" t s | "a"\nt ::= "a" s | "a"'
        with self.somebody_else():
            self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request(Grammar=grammar, IgnoreEOS=True), says="grammar")

    def test_texts_that_no_context_can_hold(self):
        huge = "x " * 8_000_000
        with self.somebody_else():
            for call, message in [(self.stub.Predict, request(huge)),
                                  (self.stub.Embedding, pb.PredictOptions(Embeddings=huge)),
                                  (self.stub.TokenizeString, pb.PredictOptions(Prompt=huge)),
                                  (self.stub.Score, pb.ScoreRequest(prompt="a", candidates=[huge]))]:
                self.assert_code(CODE.RESOURCE_EXHAUSTED, call, message, says="bytes")

    def test_a_cache_that_does_not_fit_is_no_memory_shortage(self):
        for options in ({"CacheTypeValue": "q4_0", "FlashAttention": "off"}, {"CacheTypeKey": "q8_0"}):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel,
                             pb.ModelOptions(ModelFile=model_path(), Threads=1, **options), says="CacheType")


class Files(BackendTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name, "model.gguf")

    def test_damaged_ones_cost_nobody_anything(self):
        self.load()
        expected = self.stub.Predict(request(Tokens=8), timeout=DEADLINE).message
        for settings in ({"llama.block_count": (gguf.U32, 0)}, {"llama.block_count": (gguf.U32, 600)},
                         {"llama.block_count": (gguf.U32, 2**32 - 1)}, {"llama.expert_count": (gguf.U32, 2**31)},
                         {"llama.expert_used_count": (gguf.U32, 99999)}, {"llama.attention.head_count": (gguf.U32, 0)},
                         {"llama.embedding_length": (gguf.U32, 2**31)}):
            with self.subTest(settings):
                gguf.write_script(self.path, ["a", "b"], settings=settings)
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, pb.ModelOptions(ModelFile=str(self.path)))
        gguf.write_script(self.path, ["the", "same", "the"])
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel, pb.ModelOptions(ModelFile=str(self.path)))
        # What was loaded before is loaded still.
        self.assertEqual(self.stub.Predict(request(Tokens=8), timeout=DEADLINE).message, expected)

    def test_what_they_hold_is_not_told(self):
        secret = "xyzzy-secret"
        for content in (secret, "GGUF" + secret * 9, ""):
            self.path.write_text(content, encoding="ascii")
            for options in ({"ModelFile": str(self.path)}, {"ModelFile": model_path(), "MMProj": str(self.path)},
                            {"ModelFile": model_path(), "LoraAdapter": str(self.path)}):
                with self.subTest(content=content[:8], options=options):
                    with self.assertRaises(grpc.RpcError) as caught:
                        self.stub.LoadModel(pb.ModelOptions(**options), timeout=DEADLINE)
                    self.assertNotRegex(caught.exception.details(), "xyzz|secret")

    def test_numbers_that_are_none_are_no_answer(self):
        gguf.write_script(self.path, ["a", "b"], output_norm=math.nan)
        self.load(ModelFile=str(self.path), MMap=False)
        self.assert_code(CODE.INTERNAL, self.stub.Predict, request("x\n"), says="finite")
        self.assert_code(CODE.INTERNAL, self.stub.PredictStream, request("x\n", greedy=False), says="finite")
        self.assert_code(CODE.INTERNAL, self.stub.Embedding, pb.PredictOptions(Embeddings="x"), says="finite")
        self.assert_code(CODE.INTERNAL, self.stub.Score, pb.ScoreRequest(prompt="a", candidates=["b"]), says="finite")

    def test_equal_letters_without_end(self):
        directory = os.environ.get("BACKEND_VOCABULARIES")
        if not directory:
            raise unittest.SkipTest("BACKEND_VOCABULARIES names no directory")
        for name in ("deepseek-llm", "falcon"):
            gguf.write_with_vocabulary(self.path, pathlib.Path(directory, f"ggml-vocab-{name}.gguf"))
            self.load(ModelFile=str(self.path), ContextSize=8192, MMap=False)
            for text in ("a" * 26400, " " * 26400, "1" * 60000, "\u00e9" * 30000):
                with self.subTest(f"{name}: {text[0]}"):
                    counted = self.stub.TokenizeString(pb.PredictOptions(Prompt=text), timeout=DEADLINE)
                    self.assertGreater(counted.length, 0)


if __name__ == "__main__":
    unittest.main()
