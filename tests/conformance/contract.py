"""The contract's Python stubs, generated from backend/backend.proto when this module is imported."""

import importlib
import pathlib
import sys
import tempfile

from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "backend" / "backend.proto"

_generated = tempfile.TemporaryDirectory(prefix="contract-")
_arguments = [
    "protoc",
    f"--proto_path={PROTO.parent}",
    f"--python_out={_generated.name}",
    f"--grpc_python_out={_generated.name}",
    PROTO.name,
]
if protoc.main(_arguments) != 0:
    raise RuntimeError(f"{PROTO} does not compile")
sys.path.insert(0, _generated.name)
pb = importlib.import_module("backend_pb2")
rpc = importlib.import_module("backend_pb2_grpc")
