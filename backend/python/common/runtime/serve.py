"""Runs a servicer: `--addr`, the line that tells the address, and an orderly end on a signal."""

import argparse
import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable

import grpc
from runtime import access
from runtime.parent import Parent

_MESSAGE_BYTES = 64 << 20
# The most calls that one connection may have open.
_STREAMS = 1024
# Clients that ask more often whether a quiet connection still stands are told to calm down.
_LEAST_PING_MS = 5000


def main(name: str, version: str, register: Callable[[grpc.aio.Server], None]) -> int:
    """Serves until SIGTERM or SIGINT, or until the parent has ended; returns the exit code."""
    arguments = _parser(name, version).parse_args()
    return asyncio.run(_serve(name, arguments, register))


async def _serve(name: str, arguments: argparse.Namespace, register: Callable[[grpc.aio.Server], None]) -> int:
    parent, ended = Parent(), asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.put_nowait, number)
    # A call holds no thread until it is computed: those that are open and silent cost the others nothing.
    server = grpc.aio.server(
        interceptors=access.interceptors(),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
            ("grpc.max_concurrent_streams", _STREAMS),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", _LEAST_PING_MS),
            ("grpc.keepalive_permit_without_calls", 1),
            # Otherwise a second server could take half of this one's calls.
            ("grpc.so_reuseport", 0),
        ],
    )
    register(server)
    try:
        bound = bind(server, arguments.addr)
        await server.start()
    except (OSError, RuntimeError) as error:
        print(f"{name}: cannot listen on {arguments.addr}: {error}", file=sys.stderr)
        return 1
    print(f"listening on {bound}", flush=True)
    asked, orphaned = asyncio.ensure_future(ended.get()), asyncio.ensure_future(parent.end())
    await asyncio.wait((asked, orphaned), return_when=asyncio.FIRST_COMPLETED)
    stopped, again = asyncio.ensure_future(server.stop(arguments.grace_seconds)), asyncio.ensure_future(ended.get())
    # A second signal ends what still runs.
    await asyncio.wait((stopped, again), return_when=asyncio.FIRST_COMPLETED)
    if not stopped.done():
        await server.stop(None)
    # What was cut short may still compute, and Python would wait for its thread.
    sys.stdout.flush()
    os._exit(0)


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


def bind(server: grpc.aio.Server, address: str) -> str:
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
