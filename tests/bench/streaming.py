#!/usr/bin/env python3
"""llama-cpp beside llama.cpp's own server: the same model, flags and environment, 1, 4 and 16 streams at once, in turn.

One core is left to the clients: Python's of gRPC takes twice what its HTTP takes, and would take it from our server.
Each figure is one of all streams together. Which stream of a round comes first is decided by the moment at which its request
arrives; it has its first token early, and then waits while the others' prompts are read, in either server.

`streaming.py --ours package/run --theirs llama-server --model model.gguf`. Needs what tests/conformance needs.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from measure import ROOT, Figure, machine

sys.path.insert(0, str(ROOT / "tests/conformance"))

LEAST = 0.97
CONTEXT = 2048
PROMPT = "Once upon a time there was a machine that wrote down whatever it was asked. " * 8


# As the package has it: threads that wait for each other sleep. What that costs and saves is measured by waiting.py.
ENVIRONMENT = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}


@dataclass
class Stream:
    """What one stream gave: its first token after so many seconds, and so many tokens."""

    first: float
    tokens: int


def timed(pieces: object) -> Stream:
    """Walks through a stream of how many tokens there were so far."""
    began = time.perf_counter()
    first = tokens = 0
    for tokens in pieces:
        first = first or time.perf_counter() - began
    return Stream(first, tokens)


class Ours:
    def __init__(self, options: argparse.Namespace, streams: int):
        from contract import pb
        from harness import connect

        self.pb, self.tokens = pb, options.tokens
        self.process = subprocess.Popen([options.ours, "--addr", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True,
                                        env=ENVIRONMENT)
        address = self.process.stdout.readline().removeprefix("listening on ").strip()
        self.channel, self.stub = connect(address)
        self.stub.LoadModel(pb.ModelOptions(
            ModelFile=str(options.model), ContextSize=CONTEXT, NBatch=512, Threads=options.threads, MMap=True,
            Options=[f"parallel:{streams}"]))

    def stream(self) -> Stream:
        request = self.pb.PredictOptions(Prompt=PROMPT, Tokens=self.tokens, IgnoreEOS=True)
        return timed(reply.tokens for reply in self.stub.PredictStream(request))


class Theirs:
    def __init__(self, options: argparse.Namespace, streams: int):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.tokens, self.port = options.tokens, free.getsockname()[1]
        self.process = subprocess.Popen(
            [options.theirs, "--model", str(options.model), "--port", str(self.port), "--host", "127.0.0.1", "--no-webui",
             "--ctx-size", str(CONTEXT * streams), "--parallel", str(streams), "--threads", str(options.threads),
             "--batch-size", "512", "--ubatch-size", "512", "--no-cache-prompt", "--cache-ram", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        while self.ask("GET", "/health", None).status != 200:
            self.give_time()

    def give_time(self) -> None:
        """Waits a little; a server that ends meanwhile ends all."""
        try:
            sys.exit(f"the other server ended with {self.process.wait(0.2)}")
        except subprocess.TimeoutExpired:
            pass

    def ask(self, method: str, path: str, body: object) -> http.client.HTTPResponse:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            try:
                connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
                return connection.getresponse()
            except ConnectionRefusedError:
                self.give_time()

    def stream(self) -> Stream:
        def counted():
            answer = self.ask("POST", "/completion", {"prompt": PROMPT, "n_predict": self.tokens, "ignore_eos": True,
                                                      "temperature": 0, "stream": True, "cache_prompt": False})
            count = 0
            for line in answer:
                if line.startswith(b"data: "):
                    count += not json.loads(line[6:]).get("stop")
                    yield count

        return timed(counted())


def round_of(server: Ours | Theirs, streams: int) -> tuple[float, float]:
    """As many streams at once: seconds to the first token in the mean, and tokens a second of all together."""
    done = []
    began = time.perf_counter()
    threads = [threading.Thread(target=lambda: done.append(server.stream())) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return statistics.mean(each.first for each in done), sum(each.tokens for each in done) / seconds


def measure(options: argparse.Namespace, streams: int) -> list[tuple[float, float]]:
    """Of both servers, a round of one and a round of the other in turn, so that a busy minute is busy for both.

    Medians over the rounds: seconds to the first token, tokens a second."""
    servers, results = [], [[], []]
    try:
        for kind in (Ours, Theirs):
            servers.append(kind(options, streams))
            servers[-1].stream()
        for _ in range(options.rounds):
            for server, rounds in zip(servers, results, strict=True):
                rounds.append(round_of(server, streams))
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()
    return [tuple(map(statistics.median, zip(*rounds, strict=True))) for rounds in results]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, type=Path)
    parser.add_argument("--theirs", required=True, type=Path)
    parser.add_argument("--model", required=True, type=lambda path: Path(path).absolute())
    parser.add_argument("--threads", type=int, default=max((os.cpu_count() or 2) - 1, 1))
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    figures = []
    for streams in (1, 4, 16):
        (our_first, our_rate), (their_first, their_rate) = measure(options, streams)
        # Both as costs, so that less is better.
        figures += [Figure(f"first token, {streams} streams", our_first / their_first, "×", 1 / LEAST,
                           f"ours {our_first * 1e3:.0f} ms, theirs {their_first * 1e3:.0f} ms"),
                    Figure(f"time a token, {streams} streams", their_rate / our_rate, "×", 1 / LEAST,
                           f"ours {our_rate:.1f}/s, theirs {their_rate:.1f}/s")]
        print(*figures[-2:], sep="\n")
    return 0 if all(figure.held for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
