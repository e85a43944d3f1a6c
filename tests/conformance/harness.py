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
    """A channel, and the stubs of both services."""
    channel = grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1),
                                                      ("grpc.max_send_message_length", -1),
                                                      # For a socket in the file system grpcio would send its path,
                                                      # which some servers take for a malformed host.
                                                      ("grpc.default_authority", "localhost"),
                                                      # Every channel its own connection: closing one ends its calls.
                                                      ("grpc.use_local_subchannel_pool", 1)])
    return channel, Stubs(channel)


class Stubs:
    """The calls of both services, by name."""

    def __init__(self, channel):
        self._services = rpc.BackendStub(channel), rpc.InspectionStub(channel)

    def __getattr__(self, name):
        backend, inspection = self._services
        return getattr(backend, name, None) or getattr(inspection, name)


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
        """Loads a model as LocalAI does: by the identity and the absolute path."""
        options.setdefault("ModelFile", model_path())
        options.setdefault("Model", os.path.basename(options["ModelFile"]))
        options.setdefault("Threads", 1)
        options.setdefault("MMap", True)
        return self.stub.LoadModel(pb.ModelOptions(**options), timeout=DEADLINE)

    def inspect(self):
        return self.stub.Inspect(pb.InspectRequest(), timeout=DEADLINE)

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
        while not holds(self.inspect()):
            if time.monotonic() > end:
                self.fail(f"waited {DEADLINE} s for: {what}")


# What LocalAI sends for whoever sets nothing.
USUAL = {"TopK": 40, "TopP": 0.95, "TypicalP": 1, "Temperature": 0.9, "MirostatETA": 0.1, "MirostatTAU": 5}


def request(prompt="hello world", *, greedy=True, **options):
    options = {**USUAL, **({"Temperature": 0} if greedy else {}), **options}
    if prompt is not None:
        options["Prompt"] = prompt
    return pb.PredictOptions(**options)


def trailer(call, name):
    """What the trailing metadata of a finished call says under this name."""
    return dict(call.trailing_metadata()).get(name)
