"""Images and sounds, through a projector that makes tokens of them.

BACKEND_PROJECTOR  a projector for BACKEND_MODEL that takes both
"""

import base64
import io
import os
import pathlib
import struct
import tempfile
import unittest
import wave
import zlib

from contract import pb
from harness import CODE, DEADLINE, BackendTest, model_path, request

MARKER = "<__media__>"


def text(content):
    return base64.b64encode(content).decode()


def png(colour, side=24, claimed=None):
    """A square of one colour; its header may claim another size."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = claimed or side
    rows = b"".join(b"\0" + bytes(colour) * side for _ in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def wav(step, seconds=1):
    """A saw whose teeth are as steep as `step`."""
    with io.BytesIO() as out:
        with wave.open(out, "wb") as sound:
            sound.setparams((1, 2, 16000, 0, "NONE", ""))
            sound.writeframes(b"".join(struct.pack("<h", i * step % 60000 - 30000) for i in range(16000 * seconds)))
        return out.getvalue()


RED, BLUE = text(png((255, 0, 0))), text(png((0, 0, 255)))
LOW, HIGH = text(wav(30)), text(wav(3000))


def projector():
    path = os.environ.get("BACKEND_PROJECTOR")
    if not path:
        raise unittest.SkipTest("BACKEND_PROJECTOR names no projector")
    return str(pathlib.Path(path).resolve())


class Seeing(BackendTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.options = {"MMProj": projector(), "ContextSize": 1024, "Options": ["chat_template:chatml"]}
        cls.load(cls, **cls.options)

    def reply(self, prompt, **options):
        """The answer; how likely its first tokens were tells what was read."""
        return self.stub.Predict(request(prompt, Tokens=4, IgnoreEOS=True, Logprobs=1, TopLogprobs=5, **options),
                                 timeout=DEADLINE)

    def test_an_image_is_read_where_its_mark_is(self):
        plain = self.reply("look at  and say")
        red, blue = (self.reply(f"look at {MARKER} and say", Images=[image]) for image in (RED, BLUE))
        # Four times four patches.
        self.assertGreaterEqual(red.prompt_tokens, plain.prompt_tokens + 16)
        self.assertEqual(red.prompt_tokens, blue.prompt_tokens)
        self.assertNotEqual(red.logprobs, blue.logprobs)
        self.assertEqual(self.reply(f"look at {MARKER} and say", Images=[RED]).logprobs, red.logprobs)
        self.assertNotEqual(self.reply(f"{MARKER} look at and say", Images=[RED]).logprobs, red.logprobs)

    def test_a_sound_is_heard(self):
        low, high = (self.reply(f"listen {MARKER} well", Audios=[sound]) for sound in (LOW, HIGH))
        self.assertGreater(low.prompt_tokens, 32)
        self.assertNotEqual(low.logprobs, high.logprobs)
        self.assertEqual(self.reply(f"listen {MARKER} well", Audios=[LOW]).logprobs, low.logprobs)

    def test_images_come_before_sounds(self):
        both = f"one {MARKER} two {MARKER} three"
        first = self.reply(both, Images=[RED], Audios=[LOW])
        self.assertNotEqual(self.reply(both, Images=[RED, BLUE]).prompt_tokens, first.prompt_tokens)
        self.assertEqual(self.reply(both, Images=[RED], Audios=[LOW]).logprobs, first.logprobs)
        self.assertNotEqual(self.reply(both, Images=[RED, BLUE]).logprobs, self.reply(both, Images=[BLUE, RED]).logprobs)

    def test_in_a_conversation_they_follow_what_the_user_said_last(self):
        messages = [pb.Message(role="user", content="hello"), pb.Message(role="assistant", content="hi"),
                    pb.Message(role="user", content=f"what is {MARKER}?")]
        chat = self.reply(None, UseTokenizerTemplate=True, Messages=messages, Images=[RED])
        turns = ("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nhi<|im_end|>\n<|im_start|>user\nwhat is ",
                 "?", "<|im_end|>\n<|im_start|>assistant\n")
        # What looks like a mark there is text.
        self.assertGreater(chat.prompt_tokens, self.reply(MARKER.join(["".join(turns[:2]), turns[2]]), Images=[RED]).prompt_tokens)
        messages[-1].content = "what is ?"
        self.assertEqual(self.reply(None, UseTokenizerTemplate=True, Messages=messages, Images=[RED]).logprobs,
                         self.reply(MARKER.join(["".join(turns[:2]), turns[2]]), Images=[RED]).logprobs)
        self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict,
                         request(None, UseTokenizerTemplate=True, Messages=messages[1:2], Images=[RED]), says="user")

    def test_others_go_on_meanwhile(self):
        plain = request("hello", Tokens=200, IgnoreEOS=True)
        expected = self.stub.Predict(plain, timeout=DEADLINE).message
        stream = self.stub.PredictStream(plain, timeout=DEADLINE)
        first = next(stream).message
        for _ in range(3):
            self.reply(f"look at {MARKER} and say", Images=[BLUE])
        self.assertEqual(first + b"".join(reply.message for reply in stream), expected)

    def test_the_mark_is_told(self):
        self.assertEqual(self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE).media_marker, MARKER)
        # Without images it is text.
        self.assertGreater(self.reply(f"a{MARKER}b").prompt_tokens, self.reply("ab").prompt_tokens + 5)

    def test_what_cannot_be_read_is_refused(self):
        whole = png((1, 2, 3))
        for images, says in [(["!"], "base64"), ([""], "base64"), (["data:image/png;base64," + RED], "base64"),
                             ([text(b"hello")], "format"), ([text(whole[:60])], "decoded"), ([LOW], "format"),
                             ([text(png((0, 0, 0), claimed=12000))], "pixels")]:
            with self.subTest(says=says, images=str(images)[:40]):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(f"a {MARKER} b", Images=images), says=says)
        for sounds in (["!"], [text(b"hello")], [RED], [text(wav(30)[:20])]):
            with self.subTest(str(sounds)[:40]):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.Predict, request(f"a {MARKER} b", Audios=sounds))
        for prompt in ("no mark", f"{MARKER} two {MARKER} marks", f"nothing follows {MARKER}"):
            with self.subTest(prompt):
                self.assert_code(CODE.INVALID_ARGUMENT, self.stub.PredictStream, request(prompt, Images=[RED]))
        self.assert_code(CODE.UNIMPLEMENTED, self.stub.Predict, request("x", Videos=[RED]), says="Images")

    def test_the_context_is_the_limit(self):
        many = 70
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request(f"{MARKER} " * many, Images=[RED] * many),
                         says="context")

    def test_loading_a_projector(self):
        self.addCleanup(self.load, **self.options)

        def options(**more):
            return pb.ModelOptions(ModelFile=model_path(), Threads=1, **more)

        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "garbage.gguf").write_bytes(b"GGUF" + bytes(100))
            for more, code in [({"MMProj": "/nowhere/mmproj.gguf"}, CODE.NOT_FOUND),
                               ({"MMProj": "garbage.gguf", "ModelPath": directory}, CODE.INVALID_ARGUMENT),
                               ({"MMProj": model_path()}, CODE.INVALID_ARGUMENT)]:
                with self.subTest(more):
                    self.assert_code(code, self.stub.LoadModel, options(**more))
        self.load(ModelPath=os.path.dirname(projector()), MMProj=os.path.basename(projector()),
                  Options=["mmproj_use_gpu:false", "image_min_tokens:4", "image_max_tokens:64"])
        self.reply(f"look at {MARKER} and say", Images=[RED])
        self.load()
        self.assertEqual(self.stub.ModelMetadata(pb.ModelOptions(), timeout=DEADLINE).media_marker, "")
        self.assert_code(CODE.FAILED_PRECONDITION, self.stub.Predict, request(f"a {MARKER} b", Images=[RED]), says="MMProj")


if __name__ == "__main__":
    unittest.main()
