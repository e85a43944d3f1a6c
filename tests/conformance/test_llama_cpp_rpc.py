"""The model's layers on ggml's RPC server. Needs BACKEND_RPC_CMD."""

import os
import shlex
import signal
import socket
import subprocess
import time
import unittest

from contract import pb
from harness import DEADLINE, Server, connect, model_path, request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rpc(unittest.TestCase):
    def start_rpc_server(self):
        command = os.environ.get("BACKEND_RPC_CMD")
        if not command:
            raise unittest.SkipTest("BACKEND_RPC_CMD is not set")
        port = free_port()
        process = subprocess.Popen([*shlex.split(command), "-H", "127.0.0.1", "-p", str(port)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.worker = process
        end = time.monotonic() + DEADLINE
        while True:
            try:
                # It says nothing that a pipe would show; a refused connection returns at once.
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return f"127.0.0.1:{port}"
            except OSError:
                self.assertIsNone(process.poll(), "the RPC server ended")
                self.assertLess(time.monotonic(), end, "the RPC server does not listen")

    def serve(self, *arguments, **environment):
        server = Server(*arguments, **environment)
        self.addCleanup(server.stop)
        channel, stub = connect(server.address)
        self.addCleanup(channel.close)
        stub.LoadModel(pb.ModelOptions(ModelFile=model_path(), Threads=1, MMap=True, NGPULayers=99999999),
                       timeout=DEADLINE)
        return server, stub

    def ask(self, **environment):
        _, stub = self.serve(**environment)
        answer = stub.Predict(request(Tokens=24, IgnoreEOS=True), timeout=DEADLINE)
        devices = stub.Inspect(pb.InspectRequest(), timeout=DEADLINE).devices
        stub.Free(pb.HealthMessage(), timeout=DEADLINE)
        return answer.message, [device.name for device in devices]

    def test_the_answer_is_the_same_as_at_home(self):
        far, far_devices = self.ask(LLAMACPP_GRPC_SERVERS=self.start_rpc_server())
        home, home_devices = self.ask()
        self.assertEqual(far, home)
        self.assertTrue(any("RPC" in name for name in far_devices), far_devices)
        self.assertFalse(any("RPC" in name for name in home_devices), home_devices)

    def test_a_thread_that_waits_for_a_worker_for_ever_holds_up_neither_health_nor_the_end(self):
        server, stub = self.serve("--grace-seconds", "1", LLAMACPP_GRPC_SERVERS=self.start_rpc_server())
        stream = stub.PredictStream(request(Tokens=200, IgnoreEOS=True), timeout=DEADLINE)
        next(stream)
        self.worker.send_signal(signal.SIGSTOP)
        self.assertEqual(stub.Health(pb.HealthMessage(), timeout=DEADLINE).message, b"OK")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(timeout=DEADLINE), 0)


if __name__ == "__main__":
    unittest.main()
