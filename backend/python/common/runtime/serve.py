"""Runs a servicer: `--addr`, the line that tells the address, and an orderly end on a signal."""

import argparse
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable
from concurrent import futures

import grpc

# How long requests may go on after a signal before they are cut off.
_GRACE_SECONDS = 10
_MESSAGE_BYTES = 64 << 20
# A request that waits for its turn holds a thread. There are enough of them for Health to answer all the same.
THREADS = 256


def main(name: str, register: Callable[[grpc.Server], None]) -> int:
    """Serves until SIGTERM or SIGINT; returns the exit code."""
    parser = argparse.ArgumentParser(prog=name, allow_abbrev=False)
    parser.add_argument(
        "--addr",
        default="127.0.0.1:50051",
        help="where to listen: HOST:PORT (port 0 is a free one) or unix:PATH (default: %(default)s)",
    )
    address = parser.parse_args().addr
    ended = threading.Event()

    def end(number: int, _frame: object) -> None:
        # A second signal ends the process at once.
        signal.signal(number, signal.SIG_DFL)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server = grpc.server(
        futures.ThreadPoolExecutor(THREADS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            # Otherwise a second server could take half of this one's calls.
            ("grpc.so_reuseport", 0),
        ],
    )
    register(server)
    try:
        bound = bind(server, address)
    except (OSError, RuntimeError) as error:
        print(f"{name}: cannot listen on {address}: {error}", file=sys.stderr)
        return 1
    server.start()
    print(f"listening on {bound}", flush=True)
    ended.wait()
    server.stop(_GRACE_SECONDS).wait()
    return 0


def bind(server: grpc.Server, address: str) -> str:
    """Adds the address to the server and returns it as clients write it."""
    if address.startswith("unix:"):
        _remove_stale(address.removeprefix("unix:"))
        server.add_insecure_port(address)
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise OSError("expected HOST:PORT or unix:PATH")
    return f"{host}:{server.add_insecure_port(address)}"


def _remove_stale(path: str) -> None:
    """Takes away a socket that a killed server left behind, and only that: gRPC would take a live one too."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError("there is a file that is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        else:
            raise OSError("another server listens there")
