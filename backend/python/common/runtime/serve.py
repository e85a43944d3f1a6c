"""Runs a servicer: `--addr`, the line that tells the address, and an orderly end on a signal."""

import argparse
import os
import select
import signal
import socket
import stat
import sys
from collections.abc import Callable
from concurrent import futures

import grpc
from runtime import access
from runtime.parent import LOOK_SECONDS, Parent

# How often the end of the last request is looked for once a signal came.
_LOOK_SECONDS = 0.02
_MESSAGE_BYTES = 64 << 20
# A request that waits for its turn holds a thread. There are enough of them for Health to answer all the same.
THREADS = 256


def main(name: str, version: str, register: Callable[[grpc.Server], None]) -> int:
    """Serves until SIGTERM or SIGINT, or until the parent has ended; returns the exit code."""
    arguments = _parser(name, version).parse_args()
    ended, parent = _signals(), Parent()
    server = grpc.server(
        futures.ThreadPoolExecutor(THREADS),
        interceptors=access.interceptors(),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            # Otherwise a second server could take half of this one's calls.
            ("grpc.so_reuseport", 0),
        ],
    )
    register(server)
    try:
        bound = bind(server, arguments.addr)
    except (OSError, RuntimeError) as error:
        print(f"{name}: cannot listen on {arguments.addr}: {error}", file=sys.stderr)
        return 1
    server.start()
    print(f"listening on {bound}", flush=True)
    while not parent.ended():
        if select.select([ended], [], [], LOOK_SECONDS)[0]:
            ended.recv(1)
            break
    stopped = server.stop(arguments.grace_seconds)
    while not stopped.is_set():
        # A second signal ends what still runs.
        if select.select([ended], [], [], _LOOK_SECONDS)[0]:
            ended.recv(1)
            stopped = server.stop(None)
    stopped.wait()
    return 0


def _parser(name: str, version: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name,
        allow_abbrev=False,
        description="Serves LocalAI's backend.Backend over gRPC. When it listens it prints one line on stdout: "
        "`listening on ADDRESS`.",
    )
    parser.add_argument(
        "--addr",
        type=_address,
        default="127.0.0.1:50051",
        metavar="HOST:PORT|unix:PATH",
        help="where to listen; port 0 takes a free port (default: %(default)s)",
    )
    parser.add_argument(
        "--grace-seconds",
        type=_grace,
        default=5,
        metavar="N",
        help="how long running requests may go on after SIGTERM or SIGINT (default: %(default)s); a second signal ends "
        "them",
    )
    parser.add_argument("--version", action="version", version=f"{name} {version}")
    return parser


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if (text.startswith("unix:") and text != "unix:") or (host and port.isdigit()):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is neither HOST:PORT nor unix:PATH")


def _grace(text: str) -> int:
    if text.isdecimal() and int(text) <= 3600:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 3600")


def _signals() -> socket.socket:
    """A socket that gets a byte when the process shall end. A thread that waits for a lock would not always notice: the
    system may hand the signal to another thread, and only a system call of the main thread's own is sure to return."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    return reader


def bind(server: grpc.Server, address: str) -> str:
    """Adds the address to the server and returns it as clients write it."""
    if address.startswith("unix:"):
        _remove_stale(address.removeprefix("unix:"))
        server.add_insecure_port(address)
        return address
    return f"{address.rpartition(':')[0]}:{server.add_insecure_port(address)}"


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
