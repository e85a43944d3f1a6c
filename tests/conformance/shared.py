"""What the tests of several backends share beside the harness."""

import functools
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import unittest

from contract import pb
from harness import DEADLINE, Server, connect


class Patient:
    """A stub whose calls all have the same deadline."""

    def __init__(self, stub):
        self.stub = stub

    def __getattr__(self, name):
        return functools.partial(getattr(self.stub, name), timeout=DEADLINE)


def run(*arguments):
    """Runs the server's command to its end."""
    command = os.environ.get("BACKEND_CMD")
    if not command:
        raise unittest.SkipTest("BACKEND_CMD is not set")
    return subprocess.run([*shlex.split(command), *arguments], capture_output=True, text=True, timeout=DEADLINE,
                          stdin=subprocess.DEVNULL, check=False)


class ProcessTest(unittest.TestCase):
    """What every backend's process does, whatever it computes. Inherit it as `shared.ProcessTest`: a name of its own in
    the importing module would be collected a second time."""

    name = ""

    def start(self, *arguments, **options):
        server = Server(*arguments, **options)
        self.addCleanup(server.stop)
        channel, stub = connect(server.address)
        self.addCleanup(channel.close)
        return server, Patient(stub)

    def end(self, server, *signals):
        for number in signals:
            server.process.send_signal(number)
        self.assertEqual(server.process.wait(DEADLINE), 0)

    def test_help_and_version(self):
        for argument, expected in (("--help", "--addr"), ("--version", self.name)):
            done = run(argument)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(expected, done.stdout)

    def test_mistakes(self):
        for arguments in (["--nonsense"], ["--addr", "nowhere"], ["--grace-seconds", "x"], ["--grace-seconds", "3601"]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(arguments[0].lstrip("-"), done.stderr)

    def test_signals_end_an_idle_server(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                server, client = self.start()
                client.Health(pb.HealthRequest())
                self.end(server, number)

    def test_two_never_share_an_address(self):
        server, _ = self.start()
        done = run("--addr", server.address)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(server.address, done.stderr)

    def test_a_unix_socket_that_a_killed_server_left_is_taken_over(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "socket")
            address = f"unix:{path}"
            server, client = self.start(address=address)
            self.assertEqual(server.address, address)
            self.assertEqual(client.Health(pb.HealthRequest()).backend, self.name)
            done = run("--addr", address)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            client.Health(pb.HealthRequest())
            server.stop()
            self.assertTrue(path.exists(), "a killed server cannot clean up")
            server, client = self.start(address=address)
            client.Health(pb.HealthRequest())
            self.end(server, signal.SIGTERM)
            self.assertFalse(path.exists(), "one that ends in order does")

    def test_a_file_is_never_taken_for_a_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "file")
            path.write_text("precious", encoding="ascii")
            done = run("--addr", f"unix:{path}")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(path.read_text(encoding="ascii"), "precious")
