"""The vector store, as a client sees it."""

import math
import random
import unittest
from concurrent.futures import ThreadPoolExecutor

import hostile
import shared
from contract import pb
from harness import CODE, BackendTest, connect
from shared import Patient

INVALID = CODE.INVALID_ARGUMENT


def vectors(*keys):
    return [pb.StoresKey(Floats=key) for key in keys]


def values(*texts):
    return [pb.StoresValue(Bytes=text) for text in texts]


def pairs(answer, *more):
    return list(zip((list(key.Floats) for key in answer.Keys), (value.Bytes for value in answer.Values), *more,
                    strict=True))


class LocalStore(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.client.LoadModel(pb.ModelOptions(Model="store://test"))

    def set(self, entries):
        keys, texts = zip(*entries, strict=True)
        answer = self.client.StoresSet(pb.StoresSetOptions(Keys=vectors(*keys), Values=values(*texts)))
        self.assertTrue(answer.success)

    def get(self, *keys):
        return pairs(self.client.StoresGet(pb.StoresGetOptions(Keys=vectors(*keys))))

    def find(self, key, top_k):
        answer = self.client.StoresFind(pb.StoresFindOptions(Key=pb.StoresKey(Floats=key), TopK=top_k))
        return pairs(answer, answer.Similarities)

    def delete(self, *keys):
        self.assertTrue(self.client.StoresDelete(pb.StoresDeleteOptions(Keys=vectors(*keys))).success)

    def size(self):
        return self.inspect().model.size_bytes

    def test_only_stores_are_loaded(self):
        for name in ("", "llama.gguf", "store:/x", " store://x"):
            self.assert_code(INVALID, self.client.LoadModel, pb.ModelOptions(Model=name), says="store://")
        inspected = self.inspect()
        self.assertEqual((inspected.backend, inspected.model.identity), ("local-store", "store://test"))

    def test_set_get_replace_delete(self):
        self.set([([1, 0], b"east"), ([0, 1], b"north"), ([1, 1], b"\x00\xff")])
        self.assertEqual(self.get([1, 1], [5, 5], [1, 0]), [([1, 1], b"\x00\xff"), ([1, 0], b"east")])
        self.set([([1, 0], b"sunrise"), ([1, 0], b"last wins")])
        self.assertEqual(self.get([1, 0]), [([1, 0], b"last wins")])
        self.delete([1, 0], [1, 0], [9, 9])
        self.assertEqual(self.get([1, 0], [0, 1]), [([0, 1], b"north")])

    def test_an_emptied_store_forgets_its_dimension(self):
        self.set([([1, 0], b"a"), ([0, 1], b"b")])
        self.delete([1, 0])
        self.assert_code(INVALID, self.client.StoresSet,
                         pb.StoresSetOptions(Keys=vectors([1, 2, 3]), Values=values(b"c")))
        self.delete([0, 1])
        self.set([([1, 2, 3], b"c")])
        self.assertEqual(self.get([1, 2, 3]), [([1, 2, 3], b"c")])

    def test_nothing_is_found_in_an_empty_store(self):
        self.assertEqual(self.find([1, 2, 3], 5), [])
        self.assertEqual(self.get([1, 2, 3]), [])
        self.delete([1, 2, 3])

    def test_find_agrees_with_sorting_everything(self):
        draw = random.Random(7)
        keys = [[draw.gauss(0, 1) for _ in range(32)] for _ in range(500)]
        self.set([(key, str(i).encode()) for i, key in enumerate(keys)])
        self.delete(*keys[:100])
        query = [draw.gauss(0, 1) for _ in range(32)]

        def cosine(key):
            return math.fsum(a * b for a, b in zip(query, key, strict=True)) / (math.hypot(*query) * math.hypot(*key))

        expected = sorted(range(100, 500), key=lambda i: -cosine(keys[i]))
        for top_k in (1, 10, 400, 1000):
            found = self.find(query, top_k)
            self.assertEqual([int(value) for _, value, _ in found], expected[:top_k])
            for i, (_, _, similarity) in zip(expected, found, strict=False):
                self.assertAlmostEqual(similarity, cosine(keys[i]), places=5)

    def test_similarity_is_that_of_directions(self):
        self.set([([1e30, 0], b"same"), ([-1e-30, 0], b"opposite"), ([0, 3], b"across"), ([0, 0], b"none")])
        found = {value: similarity for _, value, similarity in self.find([2, 0], 4)}
        for value, similarity in {b"same": 1, b"opposite": -1, b"across": 0, b"none": 0}.items():
            self.assertAlmostEqual(found[value], similarity, places=6)

    def test_what_is_wrong_is_refused_and_leaves_no_trace(self):
        self.set([([1, 0], b"east")])
        wrong = {
            "dimension": pb.StoresSetOptions(Keys=vectors([2, 2], [1, 2, 3]), Values=values(b"a", b"b")),
            "count": pb.StoresSetOptions(Keys=vectors([2, 2]), Values=values(b"a", b"b")),
            "nothing": pb.StoresSetOptions(),
            "empty": pb.StoresSetOptions(Keys=vectors([2, 2], []), Values=values(b"a", b"b")),
            "nan": pb.StoresSetOptions(Keys=vectors([2, 2], [math.nan, 1]), Values=values(b"a", b"b")),
            "infinite": pb.StoresSetOptions(Keys=vectors([2, 2], [math.inf, 1]), Values=values(b"a", b"b")),
        }
        for name, request in wrong.items():
            with self.subTest(name):
                self.assert_code(INVALID, self.client.StoresSet, request)
        self.assertEqual(self.get([2, 2]), [])
        three = vectors([1, 2, 3])
        self.assert_code(INVALID, self.client.StoresGet, pb.StoresGetOptions(Keys=three))
        self.assert_code(INVALID, self.client.StoresDelete, pb.StoresDeleteOptions(Keys=three))
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindOptions(Key=three[0], TopK=1),
                         says="3 dimensions, expected 2")
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindOptions(Key=pb.StoresKey(Floats=[1, 0])))
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindOptions(TopK=1))

    def test_a_set_larger_than_the_usual_message(self):
        keys = [[float(i), *([1.0] * 383)] for i in range(4000)]
        self.set([(key, b"x" * 100) for key in keys])
        self.assertEqual(self.inspect().model.embedding_size, 384)
        self.assertEqual(self.size(), 4000 * 384 * 4)
        self.assertEqual(len(self.find(keys[0], 3000)), 3000)

    def test_many_clients_at_once(self):
        def work(worker):
            channel, stub = connect(self.address)
            with channel:
                client = Patient(stub)
                for i in range(50):
                    key = vectors([worker + 1, i + 1, 1])
                    value = f"{worker} {i}".encode()
                    client.StoresSet(pb.StoresSetOptions(Keys=key, Values=values(value)))
                    found = client.StoresFind(pb.StoresFindOptions(Key=key[0], TopK=1))
                    self.assertAlmostEqual(found.Similarities[0], 1, places=5)
                    got = client.StoresGet(pb.StoresGetOptions(Keys=key))
                    self.assertEqual([value.Bytes for value in got.Values], [value])
                    if i % 2:
                        client.StoresDelete(pb.StoresDeleteOptions(Keys=key))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        self.assertEqual(self.size(), 8 * 25 * 3 * 4)

    def test_load_and_free_begin_anew(self):
        self.set([([1, 0], b"east")])
        for _ in range(2):
            self.assertTrue(self.client.Free(pb.HealthMessage()).success)
        self.assertEqual(self.get([1, 0]), [])
        self.assertTrue(self.client.LoadModel(pb.ModelOptions(Model="store://faces")).success)
        self.set([([1, 0, 0], b"another dimension")])
        status = self.client.Status(pb.HealthMessage())
        self.assertEqual((status.state, self.inspect().model.identity), (pb.StatusResponse.READY, "store://faces"))
        # Both are 0 where there is no /proc.
        self.assertGreaterEqual(status.memory.breakdown["peak"], status.memory.total)

    def test_counters(self):
        before = self.inspect().counters
        self.set([([1, 0], b"east")])
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindOptions(TopK=1))
        after = self.inspect().counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictOptions(Prompt="x")),
                              (client.PredictStream, pb.PredictOptions(Prompt="x")),
                              (client.Embedding, pb.PredictOptions(Embeddings="x")),
                              (client.TokenizeString, pb.PredictOptions(Prompt="x"))):
            self.assert_code(CODE.UNIMPLEMENTED, call, request)


class LocalStoreProcess(shared.ProcessTest):
    name = "local-store"


class LocalStoreHostile(hostile.Hostile):
    name = "local-store"
    valid = {"LoadModel": pb.ModelOptions(Model="store://test"),
             "StoresSet": pb.StoresSetOptions(Keys=vectors([1, 0]), Values=values(b"east")),
             "StoresGet": pb.StoresGetOptions(Keys=vectors([1, 0])),
             "StoresFind": pb.StoresFindOptions(Key=vectors([1, 0])[0], TopK=1),
             "StoresDelete": pb.StoresDeleteOptions(Keys=vectors([1, 0]))}


if __name__ == "__main__":
    unittest.main()
