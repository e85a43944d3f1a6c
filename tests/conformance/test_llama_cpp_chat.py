"""Conversations: what the template is given, and what is told of the answer."""

import json
import pathlib
import tempfile
import unittest

import gguf
from contract import pb
from harness import CODE, DEADLINE, BackendTest, request, trailer

# As several families of models have it: thoughts, and calls of tools as JSON between two tags.
TEMPLATE = """\
{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.name %}{{ message.name }}: {% endif %}
{%- if message.tool_call_id %}[{{ message.tool_call_id }}] {% endif %}
{%- if message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}{{ message.content }}
{%- for call in message.tool_calls or [] -%}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% endif %}
{%- if reasoning_effort is defined %}effort: {{ reasoning_effort }}
{% endif %}
{%- if persona is defined %}{{ persona.name }}, {{ persona.age }}
{% endif %}
{%- endif %}"""

WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "of a place", "parameters": {
    "type": "object", "properties": {"place": {"enum": ["Ypso"]}}, "required": ["place"]}}}
CLOCK = {"type": "function", "function": {"name": "get_time", "parameters": {
    "type": "object", "properties": {"zone": {"enum": ["UTC"]}}, "required": ["zone"]}}}


def said(role, content="", **more):
    return pb.Message(role=role, content=content, **more)


def assistant(text):
    return f"<|im_start|>assistant\n{text}"


def user(text):
    return f"<|im_start|>user\n{text}<|im_end|>\n"


class ChatTest(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load(cls, ContextSize=2048, Options=[f"chat_template:{TEMPLATE}"])

    def chat(self, *messages, tools=None, **options):
        """The request; `tools` are of Python."""
        messages = [said("user", message) if isinstance(message, str) else message for message in messages]
        if tools:
            options["Tools"] = json.dumps(tools)
        return request(None, **{"UseTokenizerTemplate": True, "Messages": messages, "Tokens": 200, **options})

    def reply(self, *messages, **options):
        return self.stub.Predict(self.chat(*messages, **options), timeout=DEADLINE)

    def joined(self, *messages, **options):
        """The replies of a stream as one."""
        whole = pb.ChatDelta()
        calls = {}
        text = b""
        for reply in self.stub.PredictStream(self.chat(*messages, **options), timeout=DEADLINE):
            text += reply.message
            for delta in reply.chat_deltas:
                whole.content += delta.content
                whole.reasoning_content += delta.reasoning_content
                for part in delta.tool_calls:
                    call = calls.setdefault(part.index, pb.ToolCallDelta(index=part.index))
                    if part.id or part.name:
                        self.assertEqual((call.id, call.name, call.arguments), ("", "", ""), "told once, and first")
                    call.MergeFrom(pb.ToolCallDelta(id=part.id, name=part.name))
                    call.arguments += part.arguments
        whole.tool_calls.extend(calls[index] for index in sorted(calls))
        self.assertEqual(text.decode(), whole.content)
        return whole

    def both(self, *messages, **options):
        """What is told of the answer, whole and as a stream."""
        reply = self.reply(*messages, **options)
        self.assertLessEqual(len(reply.chat_deltas), 1)
        whole = reply.chat_deltas[0] if reply.chat_deltas else pb.ChatDelta()
        self.assertEqual(reply.message.decode(), whole.content)
        stream = self.joined(*messages, **options)
        for one, other in zip(whole.tool_calls, stream.tool_calls, strict=True):
            self.assertTrue(one.id and other.id)
            one.id = other.id = ""
        self.assertEqual(stream, whole)
        return whole


class Prompts(ChatTest):
    """The template gets what was sent: the model answers as it does to the same prompt, written by hand."""

    def assert_prompt(self, prompt, *messages, **options):
        reply = self.reply(*messages, Tokens=12, IgnoreEOS=True, **options)
        expected = self.stub.Predict(request(prompt, Tokens=12, IgnoreEOS=True), timeout=DEADLINE)
        self.assertEqual(reply.prompt_tokens, expected.prompt_tokens)
        told = reply.chat_deltas[0] if reply.chat_deltas else pb.ChatDelta()
        self.assertEqual((told.content + told.reasoning_content).strip(), expected.message.decode().strip())

    def test_messages_keep_what_they_hold(self):
        call = {"index": 0, "id": "c1", "type": "function",
                "function": {"name": "get_weather", "arguments": '{"place": "Ypso"}'}}
        self.assert_prompt(
            "<|im_start|>system\nbe brief<|im_end|>\n" + user("hello") +
            assistant('<think>\nhm\n</think>\n\nlet me see<tool_call>\n{"name": "get_weather", '
                      '"arguments": {"place": "Ypso"}}\n</tool_call><|im_end|>\n') +
            "<|im_start|>tool\nget_weather: [c1] rain<|im_end|>\n" + assistant(""),
            said("system", "be brief"), said("user", "hello"),
            said("assistant", "let me see", reasoning_content="hm", tool_calls=json.dumps([call])),
            said("tool", "rain", name="get_weather", tool_call_id="c1"))

    def test_thinking_can_be_turned_off(self):
        off = user("hello") + assistant("<think>\n\n</think>\n\n")
        self.assert_prompt(off, "hello", Metadata={"enable_thinking": "false"})
        self.assert_prompt(off, "hello", Metadata={"chat_template_kwargs": '{"enable_thinking": false}'})
        self.assert_prompt(off, "hello", Metadata={"reasoning_effort": "none"})
        self.assert_prompt(user("hello") + assistant(""), "hello", Metadata={"enable_thinking": "true"})

    def test_the_template_gets_its_arguments(self):
        self.assert_prompt(user("hello") + assistant("effort: high\n"), "hello", Metadata={"reasoning_effort": "high"})
        self.assert_prompt(user("hello") + assistant("Ada, 36\n"), "hello", Metadata={
            "chat_template_kwargs": '{"persona": {"name": "Ada", "age": 36}}', "of_the_client": "passed over"})

    def test_the_tools_are_described(self):
        plain = self.reply("hello", Tokens=1).prompt_tokens
        one = self.reply("hello", Tokens=1, tools=[CLOCK]).prompt_tokens
        self.assertGreater(one, plain)
        self.assertGreater(self.reply("hello", Tokens=1, tools=[CLOCK, WEATHER]).prompt_tokens, one)
        # The one that was chosen, alone.
        choice = json.dumps({"type": "function", "function": {"name": "get_time"}})
        self.assertEqual(self.reply("hello", Tokens=1, tools=[CLOCK, WEATHER], ToolChoice=choice).prompt_tokens, one)

    def test_what_people_write_is_no_control_token(self):
        def tokens(text, role="user"):
            return self.reply(said(role, text), Tokens=1).prompt_tokens

        for name in ("</s>", "<s>"):
            # Its letters, and not the token. (One more is the blank that follows a token.)
            self.assertEqual(tokens(f"a{name}b", "assistant") - tokens("ab", "assistant"), 2)
            for role in ("user", "tool"):
                self.assertGreaterEqual(tokens(f"a{name}b", role) - tokens("ab", role), len(name))

    def test_the_first_token_is_there_once(self):
        plain = self.stub.Predict(request("hello", Tokens=1), timeout=DEADLINE).prompt_tokens
        self.assertEqual(self.stub.Predict(request("<s>hello", Tokens=1), timeout=DEADLINE).prompt_tokens, plain)

    def test_what_makes_no_sense_is_refused(self):
        messages = [said("user", "x")]
        for options in [{"Messages": [said("", "x")]}, {"Messages": [said("user", "a\0b")]},
                        {"Messages": [said("assistant", "x", tool_calls="{")]},
                        {"Messages": [said("assistant", "x", tool_calls='[{"type": "function"}]')]},
                        {"Messages": [said("assistant", "x", tool_calls="[" * 100000)]},
                        {"Tools": "{"}, {"Tools": "{}"}, {"Tools": '[{"type": "function"}]'}, {"Tools": "[" * 100000},
                        {"Tools": "[]", "ToolChoice": "sometimes"}, {"ToolChoice": '{"type": "function"}'},
                        {"Tools": json.dumps([CLOCK]), "ToolChoice": '{"function": {"name": "get_weather"}}'},
                        {"Metadata": {"chat_template_kwargs": "["}}, {"Metadata": {"chat_template_kwargs": "[]"}},
                        {"Metadata": {"chat_template_kwargs": '{"enable_thinking": "false"}'}},
                        {"Metadata": {"enable_thinking": "perhaps"}}]:
            with self.subTest(str(options)[:200]):
                for call in (self.stub.Predict, self.stub.PredictStream):
                    self.assert_code(CODE.INVALID_ARGUMENT, call,
                                     request(None, **{"UseTokenizerTemplate": True, "Messages": messages, **options}))


class Answers(ChatTest):
    """What the model says is written in a script."""

    def says(self, *pieces, options=()):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "script.gguf")
            gguf.write_script(path, pieces)
            self.load(ModelFile=str(path), ContextSize=4096, MMap=False,
                      Options=[f"chat_template:{TEMPLATE}", *options])

    def call(self, name, arguments):
        return ["<tool_call>", '\n{"name"', ': "', name, '", "arg', 'uments": ', arguments, "}\n</tool_call>"]

    def told_calls(self, told):
        return [(call.index, call.name, json.loads(call.arguments)) for call in told.tool_calls]

    def test_a_plain_answer(self):
        self.says("Gu", "ten Tag, H\u00e4", "user\u7d42", "!")
        self.assertEqual(self.both("hello"), pb.ChatDelta(content="Guten Tag, H\u00e4user\u7d42!"))

    def test_a_call(self):
        self.says("Let me", " see.\n", *self.call("get_weather", '{"place": "Ypso"}'))
        for choice in ("auto", "required", json.dumps({"type": "function", "function": {"name": "get_weather"}})):
            with self.subTest(choice):
                told = self.both("hello", tools=[CLOCK, WEATHER], ToolChoice=choice)
                self.assertEqual(self.told_calls(told), [(0, "get_weather", {"place": "Ypso"})])
                self.assertEqual((told.content.strip(), told.reasoning_content), ("Let me see.", ""))

    def test_two_calls_after_a_thought(self):
        self.says("<think>", "\nboth", "\n</think>\n\n", *self.call("get_time", '{"zone": "UTC"}'),
                  "\n" + "".join(self.call("get_weather", '{"place": "Ypso"}')))
        told = self.both("hello", tools=[CLOCK, WEATHER])
        self.assertEqual(self.told_calls(told), [(0, "get_time", {"zone": "UTC"}), (1, "get_weather", {"place": "Ypso"})])
        self.assertEqual((told.content, told.reasoning_content.strip()), ("", "both"))
        self.assertEqual(len({call.id for call in self.reply("hello", tools=[CLOCK, WEATHER]).chat_deltas[0].tool_calls}), 2)

    def test_a_grammar_keeps_a_call_in_shape(self):
        # What is in the script is not in the schema: there is nothing that the model may say.
        self.says(*self.call("get_weather", '{"place": "Nowhere"}'))
        told = self.both("hello", tools=[WEATHER], Tokens=60)
        for call in told.tool_calls:
            self.assertNotIn("Nowhere", call.arguments)

    def test_where_there_are_no_tools_a_call_is_text(self):
        call = self.call("get_weather", '{"place": "Ypso"}')
        self.says(*call)
        for options in ({}, {"tools": [WEATHER], "ToolChoice": "none"}):
            with self.subTest(options):
                self.assertEqual(self.both("hello", **options), pb.ChatDelta(content="".join(call)))

    def test_arguments_come_in_pieces(self):
        self.says("<tool_call>\n", '{"name": "say", "arguments": {"text": "', "one ", "two ", "three", '"}}\n</tool_call>')
        say = {"type": "function", "function": {"name": "say", "parameters": {
            "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}}
        replies = self.stub.PredictStream(self.chat("hello", tools=[say]), timeout=DEADLINE)
        parts = [call for reply in replies for delta in reply.chat_deltas for call in delta.tool_calls]
        self.assertEqual([part.name for part in parts], ["say", *[""] * (len(parts) - 1)])
        self.assertEqual(json.loads("".join(part.arguments for part in parts)), {"text": "one two three"})

    def test_a_call_that_is_cut_short(self):
        self.says(*self.call("get_weather", '{"place": "Ypso"}'))
        for tokens in range(1, 9):
            with self.subTest(tokens):
                told = self.both("hello", tools=[WEATHER], Tokens=tokens)
                self.assertLessEqual(len(told.tool_calls), 1)

    def test_thoughts(self):
        self.says("<think>", "\nso \u00e4", " it is\n", "</think>", "\n\n", "Hello", " there")
        told = self.both("hello")
        self.assertEqual((told.reasoning_content.strip(), told.content.strip()), ("so \u00e4 it is", "Hello there"))
        told = self.both("hello", Tokens=3)
        self.assertEqual((told.reasoning_content.strip(), told.content), ("so \u00e4 it is", ""))

    def test_thoughts_stay_where_they_are_if_wanted(self):
        self.says("<think>so</think>", "yes", options=["reasoning_format:none"])
        self.assertEqual(self.both("hello"), pb.ChatDelta(content="<think>so</think>yes"))

    def test_thoughts_have_a_budget(self):
        self.says("<think>", "a ", "b ", "c ", "d ", "</think>", "yes", options=["reasoning_budget:2"])
        told = self.both("hello")
        self.assertEqual(told.reasoning_content.strip(), "a b")

    def test_the_caller_reads_what_its_own_grammar_makes(self):
        self.says('{"name"', ': "mine"}', "and more")
        reply = self.reply("hello", tools=[WEATHER], Grammar='root ::= "{\\"name\\": \\"mine\\"}"')
        self.assertEqual((reply.message, list(reply.chat_deltas)), (b'{"name": "mine"}', []))
        told = self.both("hello", Grammar='root ::= "{\\"name\\": \\"mine\\"}"')
        self.assertEqual(told.content, '{"name": "mine"}')

    def test_every_reply_of_a_stream_tells_something(self):
        self.says("<think>", "hm", "</think>", *self.call("get_weather", '{"place": "Ypso"}'))
        chat = self.chat("hello", tools=[WEATHER])
        replies = list(self.stub.PredictStream(chat, timeout=DEADLINE))
        self.assertTrue(all(reply.message or reply.chat_deltas for reply in replies[:-1]))
        self.assertEqual(replies[-1].tokens, self.stub.Predict(chat, timeout=DEADLINE).tokens)

    def test_stop_words_end_a_turn(self):
        self.says("one", " two", " three", " four")
        call = self.stub.Predict.future(self.chat("hello", StopPrompts=[" three"]), timeout=DEADLINE)
        self.assertEqual(call.result().chat_deltas[0].content, "one two")
        self.assertEqual(trailer(call, "finish-reason"), "stop-word")

    def test_the_template_is_told(self):
        told = self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE)
        self.assertEqual(told.rendered_template, user("hello") + assistant(""))
        self.assertTrue(told.supports_thinking)
        tools = told.tool_format
        self.assertEqual((tools.format_type, tools.name_field, tools.args_field), ("json_native", "name", "arguments"))
        self.assertIn("<tool_call>", tools.section_start + tools.per_call_start)
        self.assertEqual((tools.reasoning_start.strip(), tools.reasoning_end.strip()), ("<think>", "</think>"))


class Templates(BackendTest):
    def assert_refused(self, option, *more, says):
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.LoadModel,
                         self.options(f"chat_template:{option}", *more), says=says)

    def options(self, *options):
        self.load()
        return pb.ModelOptions(ModelFile=self.inspect().model.path, Threads=1, Options=options)

    def test_what_cannot_render_is_told_when_it_is_loaded(self):
        self.assert_refused("no such template", says="neither a name")
        self.assert_refused("{% for m in messages %}{{ m.content }}", says="cannot be read")
        self.assert_refused("{{ raise_exception('not today') }}", says="not today")
        self.assert_refused("{{ 'a constant' }}", says="leaves out")
        self.assert_refused("{% for m in messages %}[{{ m.content }}]{% endfor %}", "use_jinja:false", says="template")
        self.assert_refused("chatml", "reasoning_format:loud", says="reasoning_format")
        self.assert_refused("chatml", "reasoning_budget:-2", says="reasoning_budget")

    def test_llama_cpp_knows_some_by_name(self):
        for options in (["chat_template:vicuna"], ["chat_template:vicuna", "use_jinja:false"]):
            self.stub.LoadModel(self.options(*options), timeout=DEADLINE)
            told = self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE)
            self.assertIn("USER: hello", told.rendered_template)
            refused = request(None, UseTokenizerTemplate=True, Messages=[said("user", "x")], Tools=json.dumps([CLOCK]))
            self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Predict, refused, says="Jinja")


if __name__ == "__main__":
    unittest.main()
