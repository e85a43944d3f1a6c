"""The vector store, as a client sees it."""

import math
import random
import unittest
from concurrent.futures import ThreadPoolExecutor

import shared
from contract import pb
from harness import CODE, BackendTest, connect
from shared import Patient

INVALID = CODE.INVALID_ARGUMENT


def vectors(*keys):
    return [pb.Vector(values=key) for key in keys]


def plain(keys):
    return [list(key.values) for key in keys]


class LocalStore(BackendTest):
    def setUp(self):
        self.client = Patient(self.stub)
        self.client.LoadModel(pb.LoadModelRequest(model="test"))

    def set(self, pairs):
        self.client.StoresSet(pb.StoresSetRequest(keys=vectors(*(key for key, _ in pairs)),
                                                  values=[value for _, value in pairs]))

    def get(self, *keys):
        answer = self.client.StoresGet(pb.StoresGetRequest(keys=vectors(*keys)))
        return list(zip(plain(answer.keys), answer.values, strict=True))

    def find(self, key, top_k):
        answer = self.client.StoresFind(pb.StoresFindRequest(key=pb.Vector(values=key), top_k=top_k))
        return list(zip(plain(answer.keys), answer.values, answer.similarities, strict=True))

    def delete(self, *keys):
        return self.client.StoresDelete(pb.StoresDeleteRequest(keys=vectors(*keys))).deleted

    def test_health(self):
        self.assertEqual(self.client.Health(pb.HealthRequest()).backend, "local-store")

    def test_set_get_replace_delete(self):
        self.set([([1, 0], b"east"), ([0, 1], b"north"), ([1, 1], b"\x00\xff")])
        self.assertEqual(self.get([1, 1], [5, 5], [1, 0]), [([1, 1], b"\x00\xff"), ([1, 0], b"east")])
        self.set([([1, 0], b"sunrise"), ([1, 0], b"last wins")])
        self.assertEqual(self.get([1, 0]), [([1, 0], b"last wins")])
        self.assertEqual(self.delete([1, 0], [1, 0], [9, 9]), 1)
        self.assertEqual(self.get([1, 0], [0, 1]), [([0, 1], b"north")])

    def test_nothing_is_found_in_an_empty_store(self):
        self.assertEqual(self.find([1, 2, 3], 5), [])
        self.assertEqual(self.get([1, 2, 3]), [])
        self.assertEqual(self.delete([1, 2, 3]), 0)

    def test_find_agrees_with_sorting_everything(self):
        draw = random.Random(7)
        keys = [[draw.gauss(0, 1) for _ in range(32)] for _ in range(500)]
        self.set([(key, str(i).encode()) for i, key in enumerate(keys)])
        self.assertEqual(self.delete(*keys[:100]), 100)
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
            "dimension": pb.StoresSetRequest(keys=vectors([2, 2], [1, 2, 3]), values=[b"a", b"b"]),
            "count": pb.StoresSetRequest(keys=vectors([2, 2]), values=[b"a", b"b"]),
            "empty": pb.StoresSetRequest(keys=vectors([2, 2], []), values=[b"a", b"b"]),
            "nan": pb.StoresSetRequest(keys=vectors([2, 2], [math.nan, 1]), values=[b"a", b"b"]),
            "infinite": pb.StoresSetRequest(keys=vectors([2, 2], [math.inf, 1]), values=[b"a", b"b"]),
        }
        for name, request in wrong.items():
            with self.subTest(name):
                self.assert_code(INVALID, self.client.StoresSet, request)
        self.assertEqual(self.get([2, 2]), [])
        three = vectors([1, 2, 3])
        self.assert_code(INVALID, self.client.StoresGet, pb.StoresGetRequest(keys=three))
        self.assert_code(INVALID, self.client.StoresDelete, pb.StoresDeleteRequest(keys=three))
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindRequest(key=three[0], top_k=1),
                         says="3 dimensions, expected 2")
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindRequest(key=pb.Vector(values=[1, 0])))
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindRequest(top_k=1))

    def test_a_set_larger_than_the_usual_message(self):
        keys = [[float(i), *([1.0] * 383)] for i in range(4000)]
        self.set([(key, b"x" * 100) for key in keys])
        status = self.client.Status(pb.StatusRequest())
        self.assertEqual(status.model.embedding_size, 384)
        self.assertEqual(status.model.size_bytes, 4000 * 384 * 4)
        self.assertEqual(len(self.find(keys[0], 3000)), 3000)

    def test_many_clients_at_once(self):
        def work(worker):
            channel, stub = connect(self.address)
            with channel:
                client = Patient(stub)
                for i in range(50):
                    key = vectors([worker + 1, i + 1, 1])
                    value = f"{worker} {i}".encode()
                    client.StoresSet(pb.StoresSetRequest(keys=key, values=[value]))
                    found = client.StoresFind(pb.StoresFindRequest(key=key[0], top_k=1))
                    self.assertAlmostEqual(found.similarities[0], 1, places=5)
                    self.assertEqual(list(client.StoresGet(pb.StoresGetRequest(keys=key)).values), [value])
                    if i % 2:
                        self.assertEqual(client.StoresDelete(pb.StoresDeleteRequest(keys=key)).deleted, 1)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        self.assertEqual(self.client.Status(pb.StatusRequest()).model.size_bytes, 8 * 25 * 3 * 4)

    def test_load_and_unload_begin_anew(self):
        self.set([([1, 0], b"east")])
        self.assertTrue(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertFalse(self.client.UnloadModel(pb.UnloadModelRequest()).unloaded)
        self.assertEqual(self.get([1, 0]), [])
        self.client.LoadModel(pb.LoadModelRequest(model="faces"))
        self.set([([1, 0, 0], b"another dimension")])
        status = self.client.Status(pb.StatusRequest())
        self.assertEqual((status.state, status.model.path), (pb.MODEL_STATE_READY, "faces"))

    def test_counters(self):
        before = self.client.Status(pb.StatusRequest()).counters
        self.set([([1, 0], b"east")])
        self.assert_code(INVALID, self.client.StoresFind, pb.StoresFindRequest(top_k=1))
        after = self.client.Status(pb.StatusRequest()).counters
        self.assertEqual(after.requests - before.requests, 2)
        self.assertEqual(after.requests_failed - before.requests_failed, 1)

    def test_what_makes_no_sense_is_unimplemented(self):
        client = self.client
        for call, request in ((client.Predict, pb.PredictRequest(prompt="x")),
                              (client.PredictStream, pb.PredictRequest(prompt="x")),
                              (client.Embedding, pb.EmbeddingRequest(inputs=["x"])),
                              (client.TokenizeString, pb.TokenizeStringRequest(text="x"))):
            self.assert_code(CODE.UNIMPLEMENTED, call, request)


class LocalStoreProcess(shared.ProcessTest):
    name = "local-store"


if __name__ == "__main__":
    unittest.main()
