#!/usr/bin/env python3
"""What it costs that threads wait for each other: tokens a second of llama-cpp, alone and beside busy processes.

`waiting.py --openmp package/run --own other/run --model model.gguf`: the second is built with GGML_OPENMP=OFF, whose threads
spin between the steps of a computation whatever is said. Needs what tests/conformance needs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import ROOT, machine

sys.path.insert(0, str(ROOT / "tests/conformance"))

TOKENS = 64
WAYS = {"OpenMP, as it is": {}, "OpenMP, PASSIVE": {"OMP_WAIT_POLICY": "PASSIVE"},
        "OpenMP, spinning shortly": {"GOMP_SPINCOUNT": "10000"}}


def tokens_a_second(command: Path, model: Path, threads: int, environment: dict, rounds: int) -> float:
    from contract import pb
    from harness import connect

    server = subprocess.Popen([command, "--addr", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, **environment})
    try:
        channel, stub = connect(server.stdout.readline().removeprefix("listening on ").strip())
        stub.LoadModel(pb.ModelOptions(ModelFile=str(model), ContextSize=512, Threads=threads, MMap=True))
        rates = []
        for _ in range(1 + rounds):
            stream = stub.PredictStream(pb.PredictOptions(Prompt="Once upon a time", Tokens=TOKENS, IgnoreEOS=True))
            next(stream)
            began = time.perf_counter()
            for _ in stream:
                pass
            rates.append((TOKENS - 1) / (time.perf_counter() - began))
        channel.close()
        return statistics.median(rates[1:])
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openmp", required=True, type=Path)
    parser.add_argument("--own", type=Path)
    parser.add_argument("--model", required=True, type=lambda path: Path(path).absolute())
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    ways = [(name, options.openmp, environment) for name, environment in WAYS.items()]
    if options.own:
        ways.append(("ggml's own threads", options.own, {}))
    for beside in (0, options.threads, 8 * options.threads):
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(beside)]
        try:
            for name, command, environment in ways:
                rate = tokens_a_second(command, options.model, options.threads, environment, options.rounds)
                print(f"{beside:3} busy processes  {name:<26} {rate:8.1f} tokens/s", flush=True)
        finally:
            for process in busy:
                process.kill()
                process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
