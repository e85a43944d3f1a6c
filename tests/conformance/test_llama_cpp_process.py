"""The process: its command line, its addresses, its end. Needs BACKEND_CMD."""

import os
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

import grpc

import shared
from contract import pb
from harness import CODE, DEADLINE, connect, model_path, request


class Process(shared.ProcessTest):
    name = "llama-cpp"

    def test_an_rpc_server_that_is_not_there(self):
        # The build may have RPC or not; both name the variable.
        os.environ["LLAMACPP_GRPC_SERVERS"] = "127.0.0.1:1"
        self.addCleanup(os.environ.pop, "LLAMACPP_GRPC_SERVERS")
        done = shared.run("--addr", "127.0.0.1:0")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("LLAMACPP_GRPC_SERVERS", done.stderr)

    def load(self, client):
        client.LoadModel(pb.ModelOptions(ModelFile=model_path(), Threads=1, MMap=True, ContextSize=65536, NBatch=64))

    def test_models_are_where_they_may_be(self):
        inside = model_path()
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            shutil.copy(inside, root / "model.gguf")
            (root / "link.gguf").symlink_to(inside)
            _, client = self.start("--models", directory)
            client.LoadModel(pb.ModelOptions(ModelFile=str(root / "model.gguf")))
            for options in ({"ModelFile": inside}, {"ModelFile": str(root / "link.gguf")}, {"ModelFile": "/nowhere.gguf"},
                            {"ModelFile": f"{root}/../{root.name}x.gguf"},
                            {"ModelFile": str(root / "model.gguf"), "MMProj": inside},
                            {"ModelFile": str(root / "model.gguf"), "DraftModel": inside},
                            {"ModelFile": str(root / "model.gguf"), "LoraAdapters": [inside]}):
                with self.subTest(options), self.assertRaises(grpc.RpcError) as caught:
                    client.LoadModel(pb.ModelOptions(**options))
                self.assertEqual(caught.exception.code(), grpc.StatusCode.PERMISSION_DENIED)

    def test_one_that_ends_leaves_its_successor_the_socket(self):
        with tempfile.TemporaryDirectory() as directory:
            address = f"unix:{directory}/socket"
            server, client = self.start("--grace-seconds", "60", address=address)
            client.LoadModel(pb.ModelOptions(ModelFile=model_path(), Threads=1, ContextSize=4096))
            stream = client.PredictStream(request(Tokens=1000, IgnoreEOS=True))
            next(stream)
            server.process.send_signal(signal.SIGTERM)
            successor = self.succeed(address)
            for _ in stream:
                pass
            self.assertEqual(server.process.wait(timeout=DEADLINE), 0)
            successor.Health(pb.HealthMessage())
            channel, late = connect(address)
            self.addCleanup(channel.close)
            late.Health(pb.HealthMessage(), timeout=DEADLINE)

    def succeed(self, address):
        """Starts as soon as the address is free."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                return self.start(address=address)[1]
            except RuntimeError:
                if time.monotonic() > end:
                    raise

    def test_what_runs_may_finish_within_the_grace(self):
        server, client = self.start("--grace-seconds", "60")
        self.load(client)
        expected = client.Predict(request(Tokens=2000, IgnoreEOS=True)).message
        stream = client.PredictStream(request(Tokens=2000, IgnoreEOS=True))
        text = next(stream).message
        server.process.send_signal(signal.SIGTERM)
        text += b"".join(reply.message for reply in stream)
        self.assertEqual(text, expected)
        self.end(server)

    def check_cut_short(self, server, client, *signals):
        self.load(client)
        stream = client.PredictStream(request(Tokens=65000, IgnoreEOS=True))
        next(stream)
        for number in signals:
            server.process.send_signal(number)
        with self.assertRaises(grpc.RpcError) as caught:
            list(stream)
        self.assertIn(caught.exception.code(), (CODE.CANCELLED, CODE.UNAVAILABLE))
        self.end(server)

    def test_what_runs_is_cut_short_without_grace(self):
        self.check_cut_short(*self.start("--grace-seconds", "0"), signal.SIGTERM)

    def test_a_second_signal_ends_the_grace(self):
        self.check_cut_short(*self.start("--grace-seconds", "3600"), signal.SIGTERM, signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
