"""What the tests of several backends share beside the harness."""

import functools
import os
import pathlib
import select
import shlex
import signal
import subprocess
import tempfile
import unittest

import grpc

from contract import pb
from harness import CODE, DEADLINE, Server, connect


def end_group(leader):
    """Kills what is left of a group of processes."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


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

    def test_health_is_ok_and_nothing_else(self):
        _, client = self.start()
        self.assertEqual(client.Health(pb.HealthMessage()), pb.Reply(message=b"OK"))

    def test_a_token_is_demanded_of_every_call(self):
        server, client = self.start(LOCALAI_GRPC_AUTH_TOKEN="secret")
        for call, message in ((client.Health, pb.HealthMessage()), (client.Inspect, pb.InspectRequest()),
                              (client.Embedding, pb.PredictOptions(Embeddings="x")),
                              (client.Predict, pb.PredictOptions(Prompt="x")),
                              (client.PredictStream, pb.PredictOptions(Prompt="x"))):
            for given in ((), (("authorization", "secret"),), (("authorization", "Bearer secre"),),
                          (("authorization", "Bearer secrets"),)):
                with self.subTest(given=given), self.assertRaises(grpc.RpcError) as caught:
                    answer = call(message, metadata=given)
                    if hasattr(answer, "__next__"):
                        next(answer)
                self.assertEqual(caught.exception.code(), CODE.UNAUTHENTICATED)
        client.Health(pb.HealthMessage(), metadata=(("authorization", "Bearer secret"),))
        self.end(server, signal.SIGTERM)

    def start_under_a_parent(self, **environment):
        """A server whose parent is a shell that waits for a line; returns the shell and the address."""
        command = os.environ.get("BACKEND_CMD")
        if not command:
            raise unittest.SkipTest("BACKEND_CMD is not set")
        # In a group of its own, so that whatever goes wrong it can be ended as a whole.
        shell = subprocess.Popen(["sh", "-c", f"{command} --addr 127.0.0.1:0 & read line; kill -9 $$"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
                                 env={**os.environ, **environment})
        self.addCleanup(shell.stdout.close)
        self.addCleanup(end_group, shell.pid)
        return shell, shell.stdout.readline().removeprefix("listening on ").strip()

    def test_it_ends_when_its_parent_does(self):
        shell, _ = self.start_under_a_parent()
        shell.communicate("now\n", timeout=DEADLINE)
        # The server held the other end of this pipe: `communicate` has returned, so that it has ended.

    def test_it_stays_when_that_is_turned_off(self):
        shell, address = self.start_under_a_parent(LOCALAI_BACKEND_PARENT_WATCH=" Off ")
        shell.stdin.write("now\n")
        shell.stdin.close()
        shell.wait(DEADLINE)
        channel, stub = connect(address)
        with channel:
            # Longer than it takes to notice.
            for _ in range(4):
                Patient(stub).Health(pb.HealthMessage())
                self.assertEqual(select.select([shell.stdout], [], [], 0.7)[0], [])

    def test_signals_end_an_idle_server(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                server, client = self.start()
                client.Health(pb.HealthMessage())
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
            self.assertEqual(client.Inspect(pb.InspectRequest()).backend, self.name)
            done = run("--addr", address)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            client.Health(pb.HealthMessage())
            server.stop()
            self.assertTrue(path.exists(), "a killed server cannot clean up")
            server, client = self.start(address=address)
            client.Health(pb.HealthMessage())
            self.end(server, signal.SIGTERM)
            self.assertFalse(path.exists(), "one that ends in order does")

    def test_a_file_is_never_taken_for_a_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "file")
            path.write_text("precious", encoding="ascii")
            done = run("--addr", f"unix:{path}")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(path.read_text(encoding="ascii"), "precious")
