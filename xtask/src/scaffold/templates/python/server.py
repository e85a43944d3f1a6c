"""The gRPC server. It is ready without a model."""

import sys
from importlib.metadata import version
from typing import NoReturn

import backend_pb2 as pb
import backend_pb2_grpc
import grpc
from embed import SIZE, embed
from runtime import identity, memory, serve
from runtime.counters import Counters

# What it was built with, for people.
VERSION = f"grpcio {version('grpcio')}"
_SUMS = ("requests", "requests_failed", "requests_cancelled", "prompt_tokens")


class Backend(backend_pb2_grpc.BackendServicer, backend_pb2_grpc.InspectionServicer):
    """The calls that make sense for it; the base class answers UNIMPLEMENTED to the others."""

    def __init__(self) -> None:
        self._identity = ""
        self._counters = Counters()

    async def Health(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.Reply:
        return pb.Reply(message=b"OK")

    async def Status(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.StatusResponse:
        resident, peak = memory.usage()
        return pb.StatusResponse(
            state=pb.StatusResponse.READY, memory=pb.MemoryUsageData(total=resident, breakdown={"peak": peak})
        )

    async def Inspect(self, request: pb.InspectRequest, context: grpc.aio.ServicerContext) -> pb.Inspected:
        sums = self._counters.read()
        return pb.Inspected(
            backend="scaffold",
            version=VERSION,
            state=pb.StatusResponse.READY,
            model=pb.ModelInfo(identity=self._identity, description="counted bytes", embedding_size=SIZE),
            counters=pb.Counters(**{field: int(sums.get(field, 0)) for field in _SUMS}),
        )

    async def LoadModel(self, request: pb.ModelOptions, context: grpc.aio.ServicerContext) -> pb.Result:
        return self._named(request.Model, "there is no model to load")

    async def Free(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.Result:
        return self._named("", "there was no model to free")

    async def Embedding(self, request: pb.PredictOptions, context: grpc.aio.ServicerContext) -> pb.EmbeddingResult:
        if why := identity.mismatch(self._identity, request.ModelIdentity):
            await self._refuse(context, grpc.StatusCode.FAILED_PRECONDITION, why)
        if not request.Embeddings:
            await self._refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "Embeddings holds no text")
        vector = embed(request.Embeddings)
        tokens = len(request.Embeddings.encode())
        self._counters.add(prompt_tokens=tokens)
        self._counters.ended(grpc.StatusCode.OK)
        return pb.EmbeddingResult(
            embeddings=vector, tokens=1, dim=SIZE, prompt_tokens=tokens, layout=pb.EMBEDDING_LAYOUT_FINAL
        )

    def _named(self, name: str, message: str) -> pb.Result:
        self._identity = name
        self._counters.ended(grpc.StatusCode.OK)
        return pb.Result(message=message, success=True)

    async def _refuse(self, context: grpc.aio.ServicerContext, code: grpc.StatusCode, why: str) -> NoReturn:
        self._counters.ended(code)
        await context.abort(code, why)


def register(server: grpc.aio.Server) -> None:
    """Adds the backend to a server."""
    backend = Backend()
    backend_pb2_grpc.add_BackendServicer_to_server(backend, server)
    backend_pb2_grpc.add_InspectionServicer_to_server(backend, server)


if __name__ == "__main__":
    sys.exit(serve.main("scaffold", VERSION, register))
