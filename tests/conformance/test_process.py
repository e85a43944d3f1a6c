"""The process: its command line, its addresses, its end. Needs BACKEND_CMD."""

import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import unittest

import grpc

from contract import pb
from harness import CODE, DEADLINE, Server, connect, model_path, request


def run(*arguments, **environment):
    command = os.environ.get("BACKEND_CMD")
    if not command:
        raise unittest.SkipTest("BACKEND_CMD is not set")
    return subprocess.run([*shlex.split(command), *arguments], capture_output=True, text=True, timeout=DEADLINE,
                          stdin=subprocess.DEVNULL, env={**os.environ, **environment})


class CommandLine(unittest.TestCase):
    def test_help_and_version(self):
        for arguments, expected in [(["--help"], "--addr"), (["--version"], "llama.cpp")]:
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(expected, done.stdout)

    def test_mistakes(self):
        for arguments in (["--nonsense"], ["--addr", "nowhere"], ["--grace-seconds", "x"]):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(arguments[0], done.stderr)

    def test_an_rpc_server_that_is_not_there(self):
        # The build may have RPC or not; both name the variable.
        done = run("--addr", "127.0.0.1:0", LLAMACPP_GRPC_SERVERS="127.0.0.1:1")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("LLAMACPP_GRPC_SERVERS", done.stderr)


class Life(unittest.TestCase):
    def start(self, *arguments, **options):
        server = Server(*arguments, **options)
        self.addCleanup(server.stop)
        channel, stub = connect(server.address)
        self.addCleanup(channel.close)
        return server, stub

    def test_an_address_in_use_is_an_error(self):
        server, _ = self.start()
        done = run("--addr", server.address)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(server.address, done.stderr)

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "socket"
            server, stub = self.start(address=f"unix:{path}")
            self.assertEqual(stub.Health(pb.HealthRequest(), timeout=DEADLINE).backend, "llama-cpp")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(DEADLINE), 0)
            self.assertFalse(path.exists())

    def test_signals_end_an_idle_server(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                server, stub = self.start()
                stub.Health(pb.HealthRequest(), timeout=DEADLINE)
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(DEADLINE), 0)

    def load(self, stub):
        stub.LoadModel(pb.LoadModelRequest(model=model_path(), threads=1, context_length=65536, batch_size=64), timeout=DEADLINE)

    def test_what_runs_may_finish_within_the_grace(self):
        server, stub = self.start("--grace-seconds", "60")
        self.load(stub)
        expected = stub.Predict(request(max_tokens=2000, ignore_eos=True), timeout=DEADLINE).text
        stream = stub.PredictStream(request(max_tokens=2000, ignore_eos=True), timeout=DEADLINE)
        text = next(stream).text
        server.process.send_signal(signal.SIGTERM)
        text += "".join(chunk.text for chunk in stream)
        self.assertEqual(text, expected)
        self.assertEqual(server.process.wait(DEADLINE), 0)

    def check_cut_short(self, server, stub, signals):
        self.load(stub)
        stream = stub.PredictStream(request(max_tokens=65000, ignore_eos=True), timeout=DEADLINE)
        next(stream)
        for number in signals:
            server.process.send_signal(number)
        with self.assertRaises(grpc.RpcError) as caught:
            list(stream)
        self.assertIn(caught.exception.code(), (CODE.CANCELLED, CODE.UNAVAILABLE))
        self.assertEqual(server.process.wait(DEADLINE), 0)

    def test_what_runs_is_cut_short_without_grace(self):
        self.check_cut_short(*self.start("--grace-seconds", "0"), [signal.SIGTERM])

    def test_a_second_signal_ends_the_grace(self):
        self.check_cut_short(*self.start("--grace-seconds", "3600"), [signal.SIGTERM, signal.SIGINT])


if __name__ == "__main__":
    unittest.main()
