"""Many requests at once, cancellation, and full queues."""

import concurrent.futures
import unittest

import grpc

from contract import pb
from harness import CODE, DEADLINE, BackendTest, connect, request

# Long enough that a request is still running when the next call arrives, on a busy machine too.
LONG = 65536
# Small batches keep the buffers for so long a context small.
ROOM = {"context_length": LONG, "batch_size": 64}


class Parallel(BackendTest):
    def endless(self, stub=None):
        """A stream that has begun: its slot is busy."""
        stream = (stub or self.stub).PredictStream(request(max_tokens=LONG, ignore_eos=True), timeout=DEADLINE)
        next(stream)
        return stream

    def end(self, stream):
        stream.cancel()
        self.wait_until(lambda status: status.slots.busy == 0, "the slots are free")

    def test_answers_do_not_mix(self):
        self.load(parallel=4, context_length=256)
        prompts = ["hello", "the world is", "an end of it", "to be", "in the beginning was", "on", "lorem ipsum", "é終🎉"]
        options = [dict(max_tokens=20 + 7 * i, ignore_eos=True) for i in range(len(prompts))]

        def ask(i):
            return self.stub.Predict(request(prompts[i], **options[i]), timeout=DEADLINE).text

        alone = [ask(i) for i in range(len(prompts))]
        self.assertEqual(len(set(alone)), len(alone))
        with concurrent.futures.ThreadPoolExecutor(len(prompts)) as pool:
            for _ in range(5):
                self.assertEqual(list(pool.map(ask, range(len(prompts)))), alone)
        self.assertEqual(self.status().slots.busy, 0)

    def test_streams_run_side_by_side(self):
        self.load(parallel=4, **ROOM)
        streams = [self.endless() for _ in range(4)]
        self.assertEqual(self.status().slots.busy, 4)
        for stream in streams:
            stream.cancel()
        self.wait_until(lambda status: status.slots.busy == 0, "the slots are free")

    def test_a_cancelled_stream_frees_its_slot(self):
        self.load(parallel=1, **ROOM)
        before = self.status().counters
        for _ in range(5):
            stream = self.endless()
            self.assertEqual(self.status().slots.busy, 1)
            self.end(stream)
            with self.assertRaises(grpc.RpcError) as caught:
                list(stream)
            self.assertEqual(caught.exception.code(), CODE.CANCELLED)
        after = self.status().counters
        self.assertEqual(after.requests_cancelled - before.requests_cancelled, 5)
        self.assertLess(after.completion_tokens - before.completion_tokens, 5 * LONG / 2)
        self.assertTrue(self.stub.Predict(request(max_tokens=4, ignore_eos=True), timeout=DEADLINE).text)

    def test_a_unary_call_can_be_cancelled_too(self):
        self.load(parallel=1, **ROOM)
        call = self.stub.Predict.future(request(max_tokens=LONG, ignore_eos=True), timeout=DEADLINE)
        self.wait_until(lambda status: status.slots.busy == 1, "the request runs")
        self.end(call)

    def test_a_deadline_frees_the_slot(self):
        self.load(parallel=1, **ROOM)
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub.Predict(request(max_tokens=LONG, ignore_eos=True), timeout=0.05)
        self.assertEqual(caught.exception.code(), CODE.DEADLINE_EXCEEDED)
        self.wait_until(lambda status: status.slots.busy == 0, "the slot is free")

    def test_a_caller_that_vanishes_frees_its_slot(self):
        self.load(parallel=1, **ROOM)
        channel, stub = connect(self.address)
        self.endless(stub)
        channel.close()
        self.wait_until(lambda status: status.slots.busy == 0, "the slot is free")

    def test_a_full_queue_refuses(self):
        self.load(parallel=1, queue_limit=0, **ROOM)
        stream = self.endless()
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request(), says="slots are busy")
        self.end(stream)
        self.stub.Predict(request(max_tokens=2), timeout=DEADLINE)

    def test_the_queue_is_served_and_can_be_left(self):
        self.load(parallel=1, queue_limit=2, **ROOM)
        stream = self.endless()
        leaves = self.stub.Predict.future(request("leaves", max_tokens=4), timeout=DEADLINE)
        stays = self.stub.Predict.future(request("stays", max_tokens=4, ignore_eos=True), timeout=DEADLINE)
        self.wait_until(lambda status: status.slots.queued == 2, "both wait")
        self.assert_code(CODE.RESOURCE_EXHAUSTED, self.stub.Predict, request())
        leaves.cancel()
        self.wait_until(lambda status: status.slots.queued == 1, "one has left")
        self.assertFalse(stays.done())
        self.end(stream)
        self.assertEqual(stays.result().usage.completion_tokens, 4)
        self.assertGreater(stays.result().usage.queue_ms, 0)

    def test_unloading_ends_what_runs_and_what_waits(self):
        self.load(parallel=1, queue_limit=4, **ROOM)
        running = self.endless()
        waiting = self.stub.Predict.future(request(), timeout=DEADLINE)
        self.wait_until(lambda status: status.slots.queued == 1, "one waits")
        self.assertTrue(self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE).unloaded)
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
                    self.stub.Embedding(pb.EmbeddingRequest(inputs=["hello"]), timeout=DEADLINE)
                else:
                    self.stub.Predict(request(max_tokens=40, ignore_eos=True), timeout=DEADLINE)
            except grpc.RpcError as error:
                return error.code()
            return CODE.OK

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(ask, i) for i in range(300)]
            for _ in range(10):
                self.load(parallel=2)
                self.stub.UnloadModel(pb.UnloadModelRequest(), timeout=DEADLINE)
            codes = {answer.result() for answer in answers}
        self.assertLessEqual(codes, allowed | {CODE.OK})
        self.assertEqual(self.status().slots.busy, 0)


if __name__ == "__main__":
    unittest.main()
