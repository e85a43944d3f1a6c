"""Text: determinism, sampling, stop words, grammars, limits, streams. No test knows what the model says."""

import dataclasses
import json
import math
import re
import unittest
import urllib.parse

from contract import pb
from harness import CODE, DEADLINE, BackendTest, request, trailer


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer, and how it ended."""

    text: str
    tokens: int
    prompt_tokens: int
    reason: str
    stop_word: str | None
    seed: int

    @classmethod
    def of(cls, call, text, last):
        word = trailer(call, "stop-word")
        return cls(text.decode(), last.tokens, last.prompt_tokens, trailer(call, "finish-reason"),
                   word and urllib.parse.unquote(word, errors="strict"), int(trailer(call, "seed")))


class Predict(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls)

    def predict(self, *arguments, **options):
        call = self.stub.Predict.future(request(*arguments, **options), timeout=DEADLINE)
        return Answer.of(call, call.result().message, call.result())

    def replies(self, *arguments, **options):
        call = self.stub.PredictStream(request(*arguments, **options), timeout=DEADLINE)
        return call, list(call)

    def stream(self, *arguments, **options):
        call, replies = self.replies(*arguments, **options)
        return Answer.of(call, b"".join(reply.message for reply in replies), replies[-1])

    def test_greedy_is_deterministic(self):
        first = self.predict(Tokens=32, IgnoreEOS=True)
        self.assertTrue(first.text)
        self.assertEqual((first.tokens, first.reason), (32, "length"))
        for seed in range(3):
            self.assertEqual(self.predict(Tokens=32, IgnoreEOS=True, Seed=seed).text, first.text)

    def test_different_prompts_give_different_answers(self):
        texts = {self.predict(prompt, Tokens=24).text for prompt in ("hello", "world", "the end")}
        self.assertGreater(len(texts), 1)

    def test_a_stream_says_what_predict_says(self):
        whole = self.predict(Tokens=40, IgnoreEOS=True)
        self.assertEqual(self.stream(Tokens=40, IgnoreEOS=True), whole)

    def test_a_stream_has_running_totals(self):
        _, replies = self.replies(Tokens=40, IgnoreEOS=True)
        totals = [reply.tokens for reply in replies]
        self.assertEqual(totals, sorted(totals))
        self.assertEqual(totals[-1], 40)
        self.assertEqual(len({reply.prompt_tokens for reply in replies}), 1)
        for reply in replies:
            reply.message.decode()
            self.assertFalse(reply.chat_deltas)
        self.assertGreater(replies[-1].timing_prompt_processing, 0)
        self.assertGreater(replies[-1].timing_token_generation, 0)

    def test_the_last_requests_figures(self):
        answer = self.predict("some words of a prompt", Tokens=12, IgnoreEOS=True)
        figures = self.stub.GetMetrics(pb.MetricsRequest(), timeout=DEADLINE)
        self.assertEqual((figures.tokens_generated, figures.prompt_tokens_processed), (12, answer.prompt_tokens))
        self.assertGreater(figures.tokens_per_second, 0)
        self.assertEqual(figures.prompt_json_for_slot, "")

    def test_a_seed_fixes_random_sampling(self):
        def text(seed):
            return self.predict(greedy=False, Tokens=32, Seed=seed, Temperature=1.5).text

        self.assertEqual(text(7), text(7))
        self.assertGreater(len({text(seed) for seed in range(5)}), 1)

    def test_the_seed_that_was_chosen_is_told(self):
        first = self.predict(greedy=False, Tokens=32, Temperature=1.5, Seed=-1)
        again = self.predict(greedy=False, Tokens=32, Temperature=1.5, Seed=first.seed)
        self.assertEqual(first, again)
        self.assertNotEqual(self.predict(Tokens=1, Seed=-1).seed, first.seed)

    def test_zero_temperature_differs_from_none(self):
        greedy = self.predict(Tokens=48, IgnoreEOS=True).text
        texts = {self.predict(greedy=False, Tokens=48, IgnoreEOS=True, TopK=0, TopP=1, Seed=seed).text
                 for seed in range(4)}
        self.assertNotEqual(texts, {greedy})

    def test_top_k_of_one_is_greedy(self):
        greedy = self.predict(Tokens=32).text
        self.assertEqual(self.predict(greedy=False, Tokens=32, TopK=1, Temperature=2).text, greedy)

    def test_a_temperature_below_zero_is_greedy(self):
        self.assertEqual(self.predict(greedy=False, Tokens=32, Temperature=-1).text, self.predict(Tokens=32).text)

    def test_every_sampler_runs(self):
        for sampling in [{"TypicalP": 0.5}, {"Repeat": -1, "Penalty": 1.3, "FrequencyPenalty": 0.5},
                         {"Repeat": 64, "PresencePenalty": 0.5}, {"Repeat": 2**31 - 1, "Penalty": 1.1},
                         {"Mirostat": 1, "MirostatTAU": 4, "MirostatETA": 0.2},
                         {"Mirostat": 2, "MirostatTAU": 0, "MirostatETA": 0},
                         {"TopK": -1, "TopP": 0, "TypicalP": 0, "Temperature": 3}, {"TopP": 1.5, "MinP": 0.1},
                         {"Penalty": -1}, {"Seed": 2**31 - 1}, {"Seed": -2}]:
            with self.subTest(sampling):
                sampling = {"Seed": 3, **sampling}
                one = self.predict(greedy=False, Tokens=24, IgnoreEOS=True, **sampling)
                two = self.predict(greedy=False, Tokens=24, IgnoreEOS=True, **sampling)
                self.assertEqual(one.tokens, 24)
                self.assertEqual(one, two)

    def token(self, text):
        return self.stub.TokenizeString(pb.PredictOptions(Prompt=text), timeout=DEADLINE).tokens[-1]

    def test_a_logit_bias_forces_and_forbids(self):
        token = self.token("a")
        piece = self.stub.Detokenize(pb.DetokenizeRequest(tokens=[token, token]), timeout=DEADLINE).content
        forced = self.predict(Tokens=2, LogitBias=json.dumps({str(token): 1e4}))
        self.assertEqual(forced.text.strip(), piece.strip())
        first = self.token(self.predict(Tokens=1).text)
        for never in (-1e5, False):
            self.assertNotEqual(self.token(self.predict(Tokens=1, LogitBias=json.dumps({str(first): never})).text), first)
        for none in ("", "{}", "null"):
            self.assertEqual(self.predict(Tokens=8, LogitBias=none), self.predict(Tokens=8))

    def test_repetition_is_penalised_where_it_is_looked_at(self):
        bias = json.dumps({str(self.token("a")): 50})
        same = self.predict(Tokens=8, LogitBias=bias).text
        for repeat in (64, -1):
            self.assertNotEqual(self.predict(Tokens=8, LogitBias=bias, Penalty=100, Repeat=repeat).text, same)
        for off in ({"Penalty": 100, "Repeat": 0}, {"Penalty": 0, "Repeat": 64}, {"Penalty": 1, "Repeat": 64}):
            self.assertEqual(self.predict(Tokens=8, LogitBias=bias, **off).text, same)

    def test_stop_words(self):
        text = self.predict(Tokens=48, IgnoreEOS=True).text
        for start in (1, 5, len(text) // 2):
            for length in (1, 2, 5):
                word = text[start:start + length]
                with self.subTest(word=word):
                    cut = text[:text.index(word)]
                    whole = self.predict(Tokens=48, IgnoreEOS=True, StopPrompts=["no such text", "", word])
                    self.assertEqual((whole.text, whole.stop_word, whole.reason), (cut, word, "stop-word"))
                    self.assertEqual(self.stream(Tokens=48, IgnoreEOS=True, StopPrompts=[word]), whole)

    def test_what_only_looks_like_a_stop_word_is_not_lost(self):
        whole = self.predict(Tokens=24, IgnoreEOS=True).text
        almost = whole[-3:] + "\x00never"
        self.assertEqual(self.predict(Tokens=24, IgnoreEOS=True, StopPrompts=[almost]).text, whole)

    def test_grammars(self):
        for grammar, pattern in [('root ::= "yes" | "no"', r"yes|no"), ("root ::= [0-9]{5}", r"[0-9]{5}"),
                                 ('root ::= "ä" item+ "終"\nitem ::= [a-c] | "é"', r"ä[a-cé]+終"),
                                 ('root ::= "{" ("\\"a\\":" [1-9]) "}"', r'\{"a":[1-9]\}')]:
            for sampling in [{"Temperature": 0}, {"Temperature": 1.5, "Seed": 1}]:
                with self.subTest(grammar=grammar, sampling=sampling):
                    answer = self.predict(greedy=False, Grammar=grammar, Tokens=200, **sampling)
                    if answer.reason == "stop":
                        self.assertRegex(answer.text, re.compile(f"^(?:{pattern})$"))
                    else:
                        self.assertIn("+", grammar, "only the unbounded grammar may run out of tokens")

    def test_a_stop_word_outside_ascii_is_told(self):
        answer = self.predict(Grammar='root ::= "ä%終 "', Tokens=50, StopPrompts=["%終"])
        self.assertEqual((answer.text, answer.stop_word), ("ä", "%終"))

    def test_a_grammar_ends_the_answer_even_without_eos(self):
        answer = self.predict(Grammar='root ::= "yes"', IgnoreEOS=True, Tokens=50)
        self.assertEqual((answer.text, answer.reason, answer.stop_word), ("yes", "stop", None))

    def test_a_trigger_brings_a_grammar_into_force(self):
        # What the model says of itself: the grammar has no say before the trigger.
        free = self.predict(Tokens=40, IgnoreEOS=True).text
        trigger = free[8:11]
        start = free.index(trigger)
        self.addCleanup(self.load)
        self.load(GrammarTriggers=[{"word": "(never*"}, {"word": trigger}])
        # The token that ends the trigger may hold more than its end.
        answer = self.predict(Tokens=200, Grammar=f'root ::= "{trigger}" [^-]{{0,3}} "-yes-"')
        self.assertEqual((answer.text[:start], answer.reason), (free[:start], "stop"))
        self.assertRegex(answer.text[start:], re.compile(f"^{re.escape(trigger)}[^-]{{0,3}}-yes-$", re.DOTALL))
        self.load(GrammarTriggers=[{"word": "(never*"}])
        self.assertEqual(self.predict(Tokens=40, IgnoreEOS=True, Grammar='root ::= "-yes-"').text, free)

    def test_bad_grammars(self):
        for grammar in ["root ::= (", "other ::= \"a\"", "root ::= missing", "not a grammar", "root ::= root \"a\"",
                        'root ::= "a"{99999999}']:
            with self.subTest(grammar):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(Grammar=grammar), says="grammar")

    def test_parameters_out_of_range(self):
        nan = math.nan
        beyond = self.inspect().model.vocabulary_size
        for options in [{"Temperature": 101}, {"Temperature": nan}, {"TopP": -0.1}, {"TopP": nan}, {"MinP": 2},
                        {"MinP": -1}, {"TypicalP": 1.5}, {"TypicalP": nan}, {"Penalty": 101}, {"Penalty": nan},
                        {"FrequencyPenalty": 3}, {"PresencePenalty": nan}, {"Repeat": -2}, {"Mirostat": 3},
                        {"MirostatTAU": -1}, {"MirostatETA": nan}, {"Logprobs": 21},
                        {"Logprobs": -1}, {"TopLogprobs": 21}, {"LogitBias": "[1]"}, {"LogitBias": "{"},
                        {"LogitBias": '{"x": 1}'}, {"LogitBias": f'{{"{beyond}": 1}}'}, {"LogitBias": '{"-1": 1}'},
                        {"LogitBias": '{"0": "much"}'}, {"LogitBias": '{"0": true}'}, {"LogitBias": '{"0": 1e30}'},
                        {"StopPrompts": ["x"] * 257}, {"prompt": ""}, {"prompt": None},
                        {"prompt": "", "UseTokenizerTemplate": True}]:
            with self.subTest(options):
                for call in (self.stub.Predict, self.stub.PredictStream):
                    self.assert_code(CODE.INVALID_ARGUMENT, call, request(**{"greedy": False, **options}))

    def logprobs(self, *replies):
        return [token for reply in replies if reply.logprobs for token in json.loads(reply.logprobs)["content"]]

    def test_tokens_have_probabilities(self):
        options = {"Tokens": 24, "IgnoreEOS": True, "Logprobs": 3, "TopLogprobs": 3}
        whole = self.stub.Predict(request(**options), timeout=DEADLINE)
        tokens = self.logprobs(whole)
        self.assertEqual(len(tokens), whole.tokens)
        self.assertEqual(bytes(byte for token in tokens for byte in token["bytes"]), whole.message)
        for token in tokens:
            first, *others = token["top_logprobs"]
            self.assertEqual(len(others), 2)
            # Greedy: the likeliest is the one that was taken.
            self.assertEqual({**first, "top_logprobs": token["top_logprobs"]}, token)
            self.assertGreater(0, first["logprob"])
            self.assertGreaterEqual(first["logprob"], others[0]["logprob"])
            self.assertGreaterEqual(others[0]["logprob"], others[1]["logprob"])
        _, replies = self.replies(**options)
        self.assertEqual(self.logprobs(*replies), tokens)

    def test_probabilities_are_of_all_tokens(self):
        everything = self.stub.Predict(request(Tokens=1, TopLogprobs=20, Logprobs=1), timeout=DEADLINE)
        seen = [math.exp(token["logprob"]) for token in self.logprobs(everything)[0]["top_logprobs"]]
        self.assertEqual(len(seen), 20)
        self.assertLess(sum(seen), 1)
        # Before whatever the samplers make of them.
        forced = self.stub.Predict(request(Tokens=1, Logprobs=1, LogitBias=json.dumps({str(self.token("a")): 1e4})),
                                   timeout=DEADLINE)
        self.assertGreater(0, self.logprobs(forced)[0]["logprob"])
        self.assertEqual(self.logprobs(forced)[0]["top_logprobs"], [])

    def test_probabilities_are_told_where_they_are_wanted(self):
        self.assertEqual(self.stub.Predict(request(Tokens=4), timeout=DEADLINE).logprobs, b"")

    def test_the_context_is_the_limit(self):
        length = self.inspect().model.context_length
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request("hello " * length), says="context")
        for limit in (0, -1, 2**31 - 1):
            answer = self.predict(IgnoreEOS=True, Tokens=limit)
            self.assertEqual(answer.reason, "length")
            self.assertEqual(answer.prompt_tokens + answer.tokens, length)

    def test_a_prompt_longer_than_a_batch(self):
        self.load(NBatch=16, ContextSize=512)
        self.addCleanup(self.load)
        prompt = "hello world " * 20
        short = self.predict(prompt, Tokens=16, IgnoreEOS=True).text
        self.load(NBatch=512, ContextSize=512)
        self.assertEqual(self.predict(prompt, Tokens=16, IgnoreEOS=True).text, short)

    def test_a_conversation_is_put_into_the_template(self):
        self.load(ContextSize=512, Options=["chat_template:chatml"])
        self.addCleanup(self.load)
        messages = [pb.Message(role="system", content="be brief"), pb.Message(role="user", content="hello")]
        by_hand = ("<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
                   "<|im_start|>assistant\n")
        chat = {"UseTokenizerTemplate": True, "Messages": messages, "Tokens": 24}
        expected = self.predict(by_hand, Tokens=24)
        self.assertEqual(self.predict(None, **chat), expected)
        self.assertEqual(self.stream(None, **chat), expected)
        whole = self.stub.Predict(request(None, **chat), timeout=DEADLINE)
        self.assertEqual(list(whole.chat_deltas), [pb.ChatDelta(content=expected.text)])
        _, replies = self.replies(None, **chat)
        deltas = [delta.content for reply in replies for delta in reply.chat_deltas]
        self.assertEqual("".join(deltas), expected.text)
        # Without the word, the prompt is the request.
        self.assertEqual(self.predict("hello", Messages=messages, Tokens=8), self.predict("hello", Tokens=8))
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict,
                         request(None, UseTokenizerTemplate=True, Messages=[pb.Message(content="x")]))

    def test_the_counters_add_up(self):
        before = self.inspect().counters
        answer = self.predict(Tokens=10, IgnoreEOS=True)
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(""))
        after = self.inspect().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)
        self.assertEqual(after.prompt_tokens - before.prompt_tokens, answer.prompt_tokens)
        self.assertEqual(after.completion_tokens - before.completion_tokens, 10)


if __name__ == "__main__":
    unittest.main()
