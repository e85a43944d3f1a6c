"""Text: determinism, sampling, stop words, grammars, limits, streams. No test knows what the model says."""

import math
import re
import unittest

from contract import pb
from harness import CODE, DEADLINE, BackendTest, request


class Predict(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def predict(self, *arguments, **options):
        return self.stub.Predict(request(*arguments, **options), timeout=DEADLINE)

    def stream(self, *arguments, **options):
        return list(self.stub.PredictStream(request(*arguments, **options), timeout=DEADLINE))

    def test_greedy_is_deterministic(self):
        first = self.predict(max_tokens=32, ignore_eos=True)
        self.assertTrue(first.text)
        self.assertEqual(first.usage.completion_tokens, 32)
        self.assertEqual(first.finish_reason, pb.FINISH_REASON_LENGTH)
        for seed in range(3):
            self.assertEqual(self.predict(max_tokens=32, ignore_eos=True, sampling={"seed": seed}).text, first.text)

    def test_different_prompts_give_different_answers(self):
        texts = {self.predict(prompt, max_tokens=24).text for prompt in ("hello", "world", "the end")}
        self.assertGreater(len(texts), 1)

    def test_a_stream_says_what_predict_says(self):
        whole = self.predict(max_tokens=40, ignore_eos=True)
        chunks = self.stream(max_tokens=40, ignore_eos=True)
        self.assertEqual("".join(chunk.text for chunk in chunks), whole.text)
        self.assertEqual([chunk.done for chunk in chunks], [False] * (len(chunks) - 1) + [True])
        self.assertEqual(chunks[-1].finish_reason, whole.finish_reason)
        self.assertEqual(chunks[-1].usage.completion_tokens, 40)

    def test_a_seed_fixes_random_sampling(self):
        def text(seed):
            return self.predict(greedy=False, max_tokens=32, sampling={"seed": seed, "temperature": 1.5}).text

        self.assertEqual(text(7), text(7))
        self.assertGreater(len({text(seed) for seed in range(5)}), 1)

    def test_the_seed_that_was_chosen_is_told(self):
        first = self.predict(greedy=False, max_tokens=32, sampling={"temperature": 1.5})
        again = self.predict(greedy=False, max_tokens=32, sampling={"temperature": 1.5, "seed": first.usage.seed})
        self.assertEqual(first.text, again.text)

    def test_zero_temperature_differs_from_none(self):
        greedy = self.predict(max_tokens=48, ignore_eos=True).text
        texts = {self.predict(greedy=False, max_tokens=48, ignore_eos=True, sampling={"top_k": 0, "top_p": 1.0,
                 "min_p": 0.0, "seed": seed}).text for seed in range(4)}
        self.assertNotEqual(texts, {greedy})

    def test_top_k_of_one_is_greedy(self):
        greedy = self.predict(max_tokens=32).text
        self.assertEqual(self.predict(greedy=False, max_tokens=32, sampling={"top_k": 1, "temperature": 2.0}).text, greedy)

    def test_every_sampler_runs(self):
        for sampling in [{"typical_p": 0.5}, {"repeat_penalty": 1.3, "frequency_penalty": 0.5, "presence_penalty": 0.5},
                         {"mirostat": pb.MIROSTAT_V1, "mirostat_tau": 4.0, "mirostat_eta": 0.2},
                         {"mirostat": pb.MIROSTAT_V2}, {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "temperature": 3.0},
                         {"penalty_last_n": 0, "repeat_penalty": 1.5}, {"seed": 0xFFFFFFFF}]:
            with self.subTest(sampling):
                sampling = {"seed": 3, **sampling}
                one = self.predict(greedy=False, max_tokens=24, ignore_eos=True, sampling=sampling)
                two = self.predict(greedy=False, max_tokens=24, ignore_eos=True, sampling=sampling)
                self.assertEqual(one.usage.completion_tokens, 24)
                self.assertEqual(one.text, two.text)

    def token(self, text):
        return self.stub.TokenizeString(pb.TokenizeStringRequest(text=text), timeout=DEADLINE).tokens[-1]

    def test_a_logit_bias_forces_and_forbids(self):
        token = self.token("a")
        piece = self.stub.Detokenize(pb.DetokenizeRequest(tokens=[token, token]), timeout=DEADLINE).text
        forced = self.predict(max_tokens=2, sampling={"logit_bias": [{"token": token, "bias": 1e4}]})
        self.assertEqual(forced.text.strip(), piece.strip())
        both = [{"token": token, "bias": 1e4}, {"token": token, "bias": -math.inf}]
        self.assertNotEqual(self.predict(max_tokens=2, sampling={"logit_bias": both}).text.strip(), piece.strip())

    def test_repetition_is_penalised(self):
        token = self.token("a")
        bias = [{"token": token, "bias": 50.0}]
        same = self.predict(max_tokens=8, sampling={"logit_bias": bias}).text
        other = self.predict(max_tokens=8, sampling={"logit_bias": bias, "repeat_penalty": 100.0}).text
        self.assertNotEqual(same, other)

    def test_stop_words(self):
        text = self.predict(max_tokens=48, ignore_eos=True).text
        for start in (1, 5, len(text) // 2):
            for length in (1, 2, 5):
                word = text[start:start + length]
                with self.subTest(word=word):
                    cut = text[:text.index(word)]
                    whole = self.predict(max_tokens=48, ignore_eos=True, stop=["no such text", word])
                    self.assertEqual((whole.text, whole.stop_word), (cut, word))
                    self.assertEqual(whole.finish_reason, pb.FINISH_REASON_STOP_WORD)
                    chunks = self.stream(max_tokens=48, ignore_eos=True, stop=[word])
                    self.assertEqual("".join(chunk.text for chunk in chunks), cut)
                    self.assertEqual(chunks[-1].stop_word, word)

    def test_what_only_looks_like_a_stop_word_is_not_lost(self):
        whole = self.predict(max_tokens=24, ignore_eos=True).text
        almost = whole[-3:] + "\x00never"
        self.assertEqual(self.predict(max_tokens=24, ignore_eos=True, stop=[almost]).text, whole)

    def test_grammars(self):
        for grammar, pattern in [('root ::= "yes" | "no"', r"yes|no"), ("root ::= [0-9]{5}", r"[0-9]{5}"),
                                 ('root ::= "ä" item+ "終"\nitem ::= [a-c] | "é"', r"ä[a-cé]+終"),
                                 ('root ::= "{" ("\\"a\\":" [1-9]) "}"', r'\{"a":[1-9]\}')]:
            for sampling in [{"temperature": 0.0}, {"temperature": 1.5, "seed": 1}]:
                with self.subTest(grammar=grammar, sampling=sampling):
                    answer = self.predict(greedy=False, grammar=grammar, max_tokens=200, sampling=sampling)
                    if answer.finish_reason == pb.FINISH_REASON_END:
                        self.assertRegex(answer.text, re.compile(f"^(?:{pattern})$"))
                    else:
                        self.assertIn("+", grammar, "only the unbounded grammar may run out of tokens")

    def test_a_grammar_ends_the_answer_even_without_eos(self):
        answer = self.predict(grammar='root ::= "yes"', ignore_eos=True, max_tokens=50)
        self.assertEqual((answer.text, answer.finish_reason), ("yes", pb.FINISH_REASON_END))

    def test_bad_grammars(self):
        for grammar in ["root ::= (", "other ::= \"a\"", "root ::= missing", "not a grammar", "root ::= root \"a\"",
                        'root ::= "a"{99999999}']:
            with self.subTest(grammar):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(grammar=grammar), says="grammar")

    def test_parameters_out_of_range(self):
        nan = math.nan
        for sampling in [{"temperature": -1.0}, {"temperature": nan}, {"top_p": 1.5}, {"top_p": -0.1}, {"min_p": 2.0},
                         {"typical_p": 0.0}, {"repeat_penalty": 0.0}, {"frequency_penalty": 3.0},
                         {"presence_penalty": nan}, {"mirostat_tau": -1.0}, {"mirostat_eta": 0.0},
                         {"logit_bias": [{"token": 2**31, "bias": 1.0}]}, {"logit_bias": [{"token": 0, "bias": nan}]}]:
            with self.subTest(sampling):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(greedy=False, sampling=sampling))
        for options in [{"max_tokens": 0}, {"stop": [""]}, {"prompt": ""}, {"prompt": None}]:
            with self.subTest(options):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(**options))
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.PredictStream, request(**options))

    def test_the_context_is_the_limit(self):
        length = self.status().model.context_length
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request("hello " * length), says="context")
        answer = self.predict(ignore_eos=True)
        self.assertEqual(answer.finish_reason, pb.FINISH_REASON_LENGTH)
        self.assertEqual(answer.usage.prompt_tokens + answer.usage.completion_tokens, length)

    def test_a_prompt_longer_than_a_batch(self):
        self.load(batch_size=16, context_length=512)
        self.addCleanup(self.load)
        prompt = "hello world " * 20
        short = self.predict(prompt, max_tokens=16, ignore_eos=True).text
        self.load(batch_size=512, context_length=512)
        self.assertEqual(self.predict(prompt, max_tokens=16, ignore_eos=True).text, short)

    def test_echo(self):
        plain = self.predict(max_tokens=8, ignore_eos=True)
        echoed = self.predict(max_tokens=8, ignore_eos=True, echo=True)
        self.assertEqual(echoed.text, "hello world" + plain.text)

    def test_a_conversation_is_put_into_the_template(self):
        self.load(chat_template="chatml", context_length=512)
        self.addCleanup(self.load)
        messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]
        by_hand = ("<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
                   "<|im_start|>assistant\n")
        chat = self.predict(None, conversation={"messages": messages}, max_tokens=24)
        self.assertEqual(chat.text, self.predict(by_hand, max_tokens=24).text)
        for broken in [[], [{"role": "", "content": "x"}]]:
            self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict,
                             request(None, conversation={"messages": broken}))

    def test_the_counters_add_up(self):
        before = self.status().counters
        answer = self.predict(max_tokens=10, ignore_eos=True)
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(""))
        after = self.status().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)
        self.assertEqual(after.prompt_tokens - before.prompt_tokens, answer.usage.prompt_tokens)
        self.assertEqual(after.completion_tokens - before.completion_tokens, 10)


if __name__ == "__main__":
    unittest.main()
