#!/usr/bin/env python3
"""local-store's StoresFind beside a NumPy matrix product over the same vectors, in turn.

`finding.py --package target/backends/local-store.cpu.linux-amd64/package`. Needs what tests/conformance needs, and numpy.
A plain loop over the same vectors is measured in Go, without a server on either side:
`go test -bench 100kOf384 ./internal/store` in backend/go/local-store.
"""

import argparse
import os
import sys
import time

import numpy

from measure import ROOT, Runs, machine

sys.path.insert(0, str(ROOT / "tests/conformance"))
from contract import pb  # noqa: E402
from harness import Server, connect  # noqa: E402

BEST = 10
BATCH = 1000


def fill(stub, vectors: numpy.ndarray) -> None:
    for begin in range(0, len(vectors), BATCH):
        keys = [pb.StoresKey(Floats=vector) for vector in vectors[begin : begin + BATCH]]
        values = [pb.StoresValue(Bytes=b"%d" % (begin + i)) for i in range(len(keys))]
        stub.StoresSet(pb.StoresSetOptions(Keys=keys, Values=values))


def ask(stub, query: numpy.ndarray) -> list[int]:
    found = stub.StoresFind(pb.StoresFindOptions(Key=pb.StoresKey(Floats=query), TopK=BEST))
    return [int(value.Bytes) for value in found.Values]


def multiply(vectors: numpy.ndarray, query: numpy.ndarray) -> list[int]:
    likeness = vectors @ query
    best = numpy.argpartition(likeness, -BEST)[-BEST:]
    return list(best[numpy.argsort(-likeness[best])])


def timed(runs: Runs, find, *arguments) -> list[int]:
    began = time.perf_counter()
    found = find(*arguments)
    runs.wall.append((time.perf_counter() - began) * 1e3)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True)
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    draw = numpy.random.default_rng(1)
    vectors = draw.standard_normal((options.vectors, options.dimensions), dtype=numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    os.environ["BACKEND_CMD"] = f"{options.package}/run"
    server = Server()
    ours, product = Runs(), Runs()
    try:
        channel, stub = connect(server.address)
        with channel:
            stub.LoadModel(pb.ModelOptions(Model="store://bench"))
            fill(stub, vectors)
            for query in vectors[: options.rounds]:
                if timed(ours, ask, stub, query)[0] != timed(product, multiply, vectors, query)[0]:
                    sys.exit("the two find another vector")
    finally:
        server.stop()
    print(machine())
    print(f"{options.vectors} vectors of {options.dimensions}, the {BEST} nearest")
    for name, runs in (("StoresFind", ours), ("NumPy", product)):
        print(f"{name:<12} median {runs.median:.1f} ms, fastest {min(runs.wall):.1f} ms")
    print(f"StoresFind takes {ours.median / product.median:.2f} times what NumPy takes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
