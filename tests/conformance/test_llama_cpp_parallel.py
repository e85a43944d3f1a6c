"""Many requests at once, cancellation, and full queues."""

import concurrent.futures
import unittest

import grpc

from contract import pb
from harness import CODE, DEADLINE, BackendTest, connect, request, trailer

# Long enough that a request is still running when the next call arrives, on a busy machine too.
LONG = 65536
# Small batches keep the buffers for so long a context small.
ROOM = {"ContextSize": LONG, "NBatch": 64}


class Parallel(BackendTest):
    def endless(self, stub=None):
        """A stream that has begun: its slot is busy."""
        stream = (stub or self.stub).PredictStream(request(Tokens=LONG, IgnoreEOS=True), timeout=DEADLINE)
        next(stream)
        return stream

    def end(self, stream):
        stream.cancel()
        self.wait_until(lambda inspected: inspected.slots.busy == 0, "the slots are free")

    def test_answers_do_not_mix(self):
        self.load(Options=["parallel:4"], ContextSize=256)
        prompts = ["hello", "the world is", "an end of it", "to be", "in the beginning was", "on", "lorem ipsum", "é終🎉"]
        options = [dict(Tokens=20 + 7 * i, IgnoreEOS=True) for i in range(len(prompts))]

        def ask(i):
            return self.stub.Predict(request(prompts[i], **options[i]), timeout=DEADLINE).message

        alone = [ask(i) for i in range(len(prompts))]
        self.assertEqual(len(set(alone)), len(alone))
        with concurrent.futures.ThreadPoolExecutor(len(prompts)) as pool:
            for _ in range(5):
                self.assertEqual(list(pool.map(ask, range(len(prompts)))), alone)
        self.assertEqual(self.inspect().slots.busy, 0)

    def test_streams_run_side_by_side(self):
        self.load(Options=["parallel:4"], **ROOM)
        streams = [self.endless() for _ in range(3)]
        self.assertEqual((self.inspect().slots.busy, self.inspect().state), (3, pb.StatusResponse.READY))
        streams.append(self.endless())
        self.assertEqual((self.inspect().slots.busy, self.inspect().state), (4, pb.StatusResponse.BUSY))
        self.assertEqual(self.stub.Status(pb.HealthMessage(), timeout=DEADLINE).state, pb.StatusResponse.BUSY)
        for stream in streams:
            stream.cancel()
        self.wait_until(lambda inspected: inspected.slots.busy == 0, "the slots are free")

    def test_a_cancelled_stream_frees_its_slot(self):
        self.load(Options=["parallel:1"], **ROOM)
        before = self.inspect().counters
        for _ in range(5):
            stream = self.endless()
            self.assertEqual(self.inspect().slots.busy, 1)
            self.end(stream)
            with self.assertRaises(grpc.RpcError) as caught:
                list(stream)
            self.assertEqual(caught.exception.code(), CODE.CANCELLED)
        after = self.inspect().counters
        self.assertEqual(after.requests_cancelled - before.requests_cancelled, 5)
        self.assertLess(after.completion_tokens - before.completion_tokens, 5 * LONG / 2)
        self.assertTrue(self.stub.Predict(request(Tokens=4, IgnoreEOS=True), timeout=DEADLINE).message)

    def test_a_unary_call_can_be_cancelled_too(self):
        self.load(Options=["parallel:1"], **ROOM)
        call = self.stub.Predict.future(request(Tokens=LONG, IgnoreEOS=True), timeout=DEADLINE)
        self.wait_until(lambda inspected: inspected.slots.busy == 1, "the request runs")
        self.end(call)

    def test_a_deadline_frees_the_slot(self):
        self.load(Options=["parallel:1"], **ROOM)
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub.Predict(request(Tokens=LONG, IgnoreEOS=True), timeout=0.05)
        self.assertEqual(caught.exception.code(), CODE.DEADLINE_EXCEEDED)
        self.wait_until(lambda inspected: inspected.slots.busy == 0, "the slot is free")

    def test_a_caller_that_vanishes_frees_its_slot(self):
        self.load(Options=["parallel:1"], **ROOM)
        channel, stub = connect(self.address)
        self.endless(stub)
        channel.close()
        self.wait_until(lambda inspected: inspected.slots.busy == 0, "the slot is free")

    def test_a_full_queue_refuses(self):
        self.load(Options=["parallel:1", "queue:0"], **ROOM)
        stream = self.endless()
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request(), says="slots are busy")
        self.end(stream)
        self.stub.Predict(request(Tokens=2), timeout=DEADLINE)

    def test_the_queue_is_served_and_can_be_left(self):
        self.load(Options=["parallel:1", "queue:2"], **ROOM)
        stream = self.endless()
        leaves = self.stub.Predict.future(request("leaves", Tokens=4), timeout=DEADLINE)
        stays = self.stub.Predict.future(request("stays", Tokens=4, IgnoreEOS=True), timeout=DEADLINE)
        self.wait_until(lambda inspected: inspected.slots.queued == 2, "both wait")
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request())
        leaves.cancel()
        self.wait_until(lambda inspected: inspected.slots.queued == 1, "one has left")
        self.assertFalse(stays.done())
        self.end(stream)
        self.assertEqual(stays.result().tokens, 4)
        self.assertGreater(float(trailer(stays, "queue-ms")), 0)

    def test_unloading_ends_what_runs_and_what_waits(self):
        self.load(Options=["parallel:1", "queue:4"], **ROOM)
        running = self.endless()
        waiting = self.stub.Predict.future(request(), timeout=DEADLINE)
        self.wait_until(lambda inspected: inspected.slots.queued == 1, "one waits")
        self.assertTrue(self.stub.Free(pb.HealthMessage(), timeout=DEADLINE).success)
        with self.assertRaises(grpc.RpcError) as caught:
            list(running)
        self.assertEqual(caught.exception.code(), CODE.CANCELLED)
        self.assertEqual(waiting.code(), CODE.CANCELLED)

    def test_loads_and_unloads_under_fire(self):
        """Requests while the model comes and goes answer, or say that there is none; nothing else."""
        allowed = {CODE.FAILED_PRECONDITION, CODE.CANCELLED, CODE.RESOURCE_EXHAUSTED}

        def ask(i):
            try:
                if i % 3 == 0:
                    self.stub.Embedding(pb.PredictOptions(Embeddings="hello"), timeout=DEADLINE)
                else:
                    self.stub.Predict(request(Tokens=40, IgnoreEOS=True), timeout=DEADLINE)
            except grpc.RpcError as error:
                return error.code()
            return CODE.OK

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(ask, i) for i in range(300)]
            for _ in range(10):
                self.load(Options=["parallel:2"])
                self.stub.Free(pb.HealthMessage(), timeout=DEADLINE)
            codes = {answer.result() for answer in answers}
        self.assertLessEqual(codes, allowed | {CODE.OK})
        self.assertEqual(self.inspect().slots.busy, 0)


if __name__ == "__main__":
    unittest.main()
