"""Every chat template that llama.cpp has in its `models/templates`, from a conversation to a call of a tool.

BACKEND_TEMPLATES  that directory
"""

import json
import os
import pathlib
import unittest

import grpc

from contract import pb
from harness import CODE, DEADLINE, BackendTest, request

TOOL = {"type": "function", "function": {"name": "get_weather", "description": "of a place", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}}}
CALL = {"id": "123456789", "type": "function", "function": {"name": "get_weather", "arguments": '{"place": "Ypso"}'}}
ASKED = [pb.Message(role="user", content="hello there")]
ANSWERED = [*ASKED, pb.Message(role="assistant", content="good day"), pb.Message(role="user", content="and now")]
CALLED = [*ASKED, pb.Message(role="assistant", tool_calls=json.dumps([CALL])),
          pb.Message(role="tool", content="rain", name="get_weather", tool_call_id="123456789")]


class Templates(BackendTest):
    def predict(self, messages, **options):
        return self.stub.Predict(request(None, UseTokenizerTemplate=True, Messages=messages, **options), timeout=DEADLINE)

    def test_all_render(self):
        directory = os.environ.get("BACKEND_TEMPLATES")
        if not directory:
            raise unittest.SkipTest("BACKEND_TEMPLATES names no directory")
        templates = sorted(pathlib.Path(directory).glob("*.jinja"))
        self.assertGreaterEqual(len(templates), 70)
        for path in templates:
            with self.subTest(path.name):
                self.load(ContextSize=32768, NBatch=2048,
                          Options=["parallel:1", f"chat_template:{path.read_text(encoding='utf-8')}"])
                told = self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE)
                self.assertIn("hello", told.rendered_template)
                one = self.predict(ASKED, Tokens=2)
                self.assertGreater(self.predict(ANSWERED, Tokens=1).prompt_tokens, one.prompt_tokens)
                self.predict(ASKED, Tokens=1, Tools=json.dumps([TOOL]), Metadata={"enable_thinking": "false"})
                try:
                    self.predict(CALLED, Tokens=1, Tools=json.dumps([TOOL]))
                except grpc.RpcError as error:
                    # Some say themselves that they have no tools, and the caller reads it.
                    self.assertEqual(error.code(), CODE.INVALID_ARGUMENT)
                    self.assertIn("Jinja Exception", error.details())


if __name__ == "__main__":
    unittest.main()
