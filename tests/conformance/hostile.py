"""What no client may do to a server: whatever is sent to it, it goes on serving the others."""

import random
import threading

from google.protobuf import descriptor

from contract import pb
from harness import CODE, DEADLINE, BackendTest, connect

SERVICE = pb.DESCRIPTOR.services_by_name["Backend"]
# More than servers have threads.
SILENT = 300
MESSAGES = 20_000
AT_ONCE = 64


def field(number, content):
    """One field of bytes, as it stands in a message."""
    return bytes([number << 3 & 127 | 128 | 2, number >> 4, len(content)]) + content


def numbers(kind):
    """Every number that a field of this kind has in some message of the contract."""
    messages = pb.DESCRIPTOR.message_types_by_name.values()
    return sorted({each.number for message in messages for each in message.fields if each.type == kind})


class Hostile(BackendTest):
    """Inherit it as `hostile.Hostile`. `valid` holds messages to begin with, by the name of their call."""

    valid = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel, _ = connect(cls.address)
        cls.addClassCleanup(cls.channel.close)

    def raw(self, name):
        """A call that takes and gives bytes."""
        return self.channel.unary_unary(f"/{SERVICE.full_name}/{name}")

    def assert_healthy(self):
        self.assertEqual(self.stub.Health(pb.HealthMessage(), timeout=DEADLINE).message, b"OK")

    def test_a_message_that_cannot_be_read_is_its_sender_s_fault(self):
        for name in self.valid:
            for what, message in (("garbage", b"\xff" * 9), ("cut", field(1, b"abc")[:-1]), ("not UTF-8", field(1, b"\xff"))):
                with self.subTest(f"{name}: {what}"):
                    self.assert_code(CODE.INVALID_ARGUMENT, self.raw(name), message)
        self.assert_healthy()

    def test_calls_that_stay_silent_hold_nobody_up(self):
        end = threading.Event()
        self.addCleanup(end.set)

        def nothing():
            end.wait(DEADLINE)
            yield from ()

        for name in ("Health", *self.valid):
            call = self.channel.stream_unary(f"/{SERVICE.full_name}/{name}")
            for _ in range(SILENT // (1 + len(self.valid)) + 1):
                self.addCleanup(call.future(nothing(), timeout=DEADLINE).cancel)
        self.assert_healthy()
        for name, message in self.valid.items():
            self.raw(name)(message.SerializeToString(), timeout=DEADLINE)

    def test_mutated_messages_leave_it_healthy(self):
        draw = random.Random(12)
        strings = numbers(descriptor.FieldDescriptor.TYPE_STRING)
        whole = {name: message.SerializeToString() for name, message in self.valid.items()}
        calls = {method.name: self.raw(method.name) for method in SERVICE.methods if not method.server_streaming}
        running = []
        for i in range(MESSAGES):
            message = bytearray(whole.get(name := draw.choice(list(calls)), b"") or draw.choice(list(whole.values())))
            for _ in range(draw.randint(1, 4)):
                at = draw.randrange(len(message) + 1)
                match draw.randrange(5):
                    case 0: message[at:at + 1] = bytes([draw.randrange(256)])
                    case 1: message[at:at] = draw.randbytes(draw.randint(1, 8))
                    case 2: del message[at:at + draw.randint(1, 8)]
                    case 3: message += message[at:]
                    case 4: message += field(draw.choice(strings) % 2048, draw.randbytes(draw.randint(0, 16)))
            running.append(calls[name].future(bytes(message[:4096]), timeout=DEADLINE))
            if len(running) == AT_ONCE:
                for call in running:
                    self.assertNotIn(call.code(), (CODE.UNAVAILABLE, CODE.UNKNOWN), f"message {i}: {call.details()}")
                running.clear()
        self.assert_healthy()
        self.assertEqual(self.inspect().backend, self.name)
