"""Starts the server under test and talks to it.

BACKEND_CMD    command line of the server, for example `package/run`; `--addr 127.0.0.1:0` is appended
BACKEND_ADDR   instead: address of a running server (tests that need a process of their own are skipped)
BACKEND_MODEL  a small GGUF model that generates text
BACKEND_RPC_CMD  command line of ggml's RPC server, where BACKEND_CMD was built with RPC
"""

import os
import pathlib
import shlex
import subprocess
import time
import unittest

import grpc

from contract import pb, rpc

DEADLINE = 60
CODE = grpc.StatusCode


def model_path():
    path = os.environ.get("BACKEND_MODEL")
    if not path:
        raise unittest.SkipTest("BACKEND_MODEL names no model")
    return str(pathlib.Path(path).resolve())


class Server:
    """A process of its own, on a free port unless `address` says otherwise."""

    def __init__(self, *arguments, address="127.0.0.1:0", **environment):
        command = os.environ.get("BACKEND_CMD")
        if not command:
            raise unittest.SkipTest("BACKEND_CMD is not set: this test needs a server of its own")
        self.process = subprocess.Popen(
            [*shlex.split(command), "--addr", address, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment})
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.stop()
            raise RuntimeError(f"the server did not start; its first line is {line!r}")
        self.address = line.removeprefix("listening on ").strip()

    def stop(self):
        """Kills what still runs; a test of an orderly end sends its signal itself."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def connect(address):
    channel = grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1),
                                                      ("grpc.max_send_message_length", -1),
                                                      # For a socket in the file system grpcio would send its path,
                                                      # which some servers take for a malformed host.
                                                      ("grpc.default_authority", "localhost"),
                                                      # Every channel its own connection: closing one ends its calls.
                                                      ("grpc.use_local_subchannel_pool", 1)])
    return channel, rpc.BackendStub(channel)


class BackendTest(unittest.TestCase):
    """One server for each class; a model is loaded by the tests that need one."""

    @classmethod
    def setUpClass(cls):
        address = os.environ.get("BACKEND_ADDR")
        if not address:
            cls.server = Server()
            cls.addClassCleanup(cls.server.stop)
            address = cls.server.address
        cls.address = address
        channel, cls.stub = connect(address)
        cls.addClassCleanup(channel.close)

    def load(self, **options):
        options.setdefault("model", model_path())
        options.setdefault("threads", 1)
        return self.stub.LoadModel(pb.LoadModelRequest(**options), timeout=DEADLINE)

    def status(self):
        return self.stub.Status(pb.StatusRequest(), timeout=DEADLINE)

    def assert_code(self, code, call, *arguments, says=""):
        with self.assertRaises(grpc.RpcError) as caught:
            result = call(*arguments, timeout=DEADLINE)
            if hasattr(result, "__next__"):
                for _ in result:
                    pass
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(says, caught.exception.details())

    def wait_until(self, holds, what):
        """Asks the server until it says so; each round is a call, so this is no busy loop."""
        end = time.monotonic() + DEADLINE
        while not holds(self.status()):
            if time.monotonic() > end:
                self.fail(f"waited {DEADLINE} s for: {what}")


def request(prompt="hello world", *, greedy=True, **options):
    sampling = options.pop("sampling", {})
    if greedy:
        sampling = {"temperature": 0.0, **sampling}
    if prompt is not None:
        options["prompt"] = prompt
    return pb.PredictRequest(sampling=pb.SamplingOptions(**sampling), **options)
