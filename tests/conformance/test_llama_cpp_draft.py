"""A draft model guesses ahead, and the answers are what they are without one.

BACKEND_DRAFT  another small model with the tokens of BACKEND_MODEL
"""

import os
import pathlib
import tempfile
import threading
import unittest

import gguf
from contract import pb
from harness import CODE, DEADLINE, BackendTest, model_path, request, trailer


def draft_path():
    path = os.environ.get("BACKEND_DRAFT")
    if not path:
        raise unittest.SkipTest("BACKEND_DRAFT names no model")
    return str(pathlib.Path(path).resolve())


class Drafting(BackendTest):
    def answers(self):
        """Requests of many kinds: text, tokens, how each ended."""
        asked = [request(Tokens=64, IgnoreEOS=True), request("the end", Tokens=1), request("a", Tokens=2),
                 request("hello " * 20, Tokens=50, IgnoreEOS=True),
                 request(greedy=False, Tokens=48, Seed=5, Temperature=1.2, IgnoreEOS=True),
                 request(Tokens=40, Repeat=-1, Penalty=1.4, IgnoreEOS=True),
                 request(Tokens=200, Grammar='root ::= "yes" | "no" [a-z]{20}'),
                 request(IgnoreEOS=True, Tokens=0)]
        text = self.stub.Predict(asked[0], timeout=DEADLINE).message.decode()
        asked.append(request(Tokens=64, IgnoreEOS=True, StopPrompts=[text[20:23]]))
        told = []
        for each in asked:
            call = self.stub.Predict.future(each, timeout=DEADLINE)
            told.append((call.result().message, call.result().tokens, trailer(call, "finish-reason")))
        return told

    def counters(self):
        counters = self.inspect().counters
        return counters.drafted_tokens, counters.accepted_tokens

    def test_answers_are_the_same(self):
        self.load(ContextSize=256, NBatch=64)
        expected = self.answers()
        for draft, options in ((model_path(), []), (draft_path(), []), (draft_path(), ["draft_max:16", "parallel:2"]),
                               (model_path(), ["draft_min:3", "draft_p_min:0.5", "draft_gpu_layers:0"])):
            with self.subTest(draft=os.path.basename(draft), options=options):
                self.load(ContextSize=256, NBatch=64, DraftModel=draft, Options=options)
                before = self.counters()
                self.assertEqual(self.answers(), expected)
                self.assertGreater(self.counters()[0], before[0])

    def test_a_good_guess_saves_steps(self):
        self.load(ContextSize=512, DraftModel=model_path(), Options=["draft_max:8"])
        before = self.counters()
        self.stub.Predict(request(Tokens=90, IgnoreEOS=True), timeout=DEADLINE)
        drafted, accepted = (now - then for now, then in zip(self.counters(), before, strict=True))
        self.assertGreater(accepted, 60)
        self.assertLessEqual(accepted, drafted)
        # As many as a request wants, or none.
        before = self.counters()
        self.stub.Predict(request(Tokens=2, IgnoreEOS=True), timeout=DEADLINE)
        self.assertEqual(self.counters()[0] - before[0], 0)
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(NDraft=65))

    def test_many_at_once(self):
        self.load(ContextSize=512, Options=["parallel:4"])
        asked = [request(f"number {i} of many", Tokens=40 + 10 * i, IgnoreEOS=True) for i in range(6)]
        expected = [self.stub.Predict(each, timeout=DEADLINE).message for each in asked]
        self.load(ContextSize=512, DraftModel=draft_path(), Options=["parallel:4", "draft_max:5"])
        told = {}

        def ask(number):
            replies = self.stub.PredictStream(asked[number], timeout=DEADLINE)
            told[number] = b"".join(reply.message for reply in replies)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(asked))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([told[number] for number in range(len(asked))], expected)

    def test_what_cannot_guess_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "other.gguf")
            gguf.write_script(path, ["other", "tokens"])
            for draft, code in ((str(path), CODE.INVALID_ARGUMENT), ("/nowhere.gguf", CODE.NOT_FOUND)):
                self.assert_code(code, self.stub.LoadModel,
                                 pb.ModelOptions(ModelFile=model_path(), Threads=1, DraftModel=draft))
        for option in ("draft_max:0", "draft_p_min:2", "draft_min:-1", "draft_gpu_layers:x"):
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel,
                             pb.ModelOptions(ModelFile=model_path(), Threads=1, Options=[option]))


if __name__ == "__main__":
    unittest.main()
