"""The gRPC server. It is ready without a model."""

import sys
from importlib.metadata import version
from typing import NoReturn

import backend_pb2 as pb
import backend_pb2_grpc
import grpc
from embed import SIZE, embed
from runtime import memory, serve
from runtime.counters import Counters

# What it was built with, for people.
VERSION = f"grpcio {version('grpcio')}"
_SUMS = ("requests", "requests_failed", "requests_cancelled", "prompt_tokens")


class Backend(backend_pb2_grpc.BackendServicer):
    """The calls that make sense for it; the base class answers UNIMPLEMENTED to the others."""

    def __init__(self) -> None:
        self._name = ""
        self._counters = Counters()

    def Health(self, request: pb.HealthRequest, context: grpc.ServicerContext) -> pb.HealthResponse:
        return pb.HealthResponse(backend="scaffold", version=VERSION)

    def Status(self, request: pb.StatusRequest, context: grpc.ServicerContext) -> pb.StatusResponse:
        sums = self._counters.read()
        resident, peak = memory.usage()
        return pb.StatusResponse(
            state=pb.MODEL_STATE_READY,
            model=self._model(),
            memory=pb.MemoryUsage(resident_bytes=resident, peak_resident_bytes=peak),
            counters=pb.Counters(**{field: int(sums.get(field, 0)) for field in _SUMS}),
        )

    def LoadModel(self, request: pb.LoadModelRequest, context: grpc.ServicerContext) -> pb.LoadModelResponse:
        self._name = request.model
        self._counters.ended(grpc.StatusCode.OK)
        return pb.LoadModelResponse(model=self._model())

    def UnloadModel(self, request: pb.UnloadModelRequest, context: grpc.ServicerContext) -> pb.UnloadModelResponse:
        name, self._name = self._name, ""
        self._counters.ended(grpc.StatusCode.OK)
        return pb.UnloadModelResponse(unloaded=bool(name))

    def Embedding(self, request: pb.EmbeddingRequest, context: grpc.ServicerContext) -> pb.EmbeddingResponse:
        if not request.inputs or not all(request.inputs):
            self._refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "there is no input, or an empty one")
        normalize = request.normalize if request.HasField("normalize") else True
        vectors = [pb.Vector(values=embed(text, normalize)) for text in request.inputs]
        tokens = sum(len(text.encode()) for text in request.inputs)
        self._counters.add(prompt_tokens=tokens)
        self._counters.ended(grpc.StatusCode.OK)
        return pb.EmbeddingResponse(embeddings=vectors, prompt_tokens=tokens)

    def _model(self) -> pb.ModelInfo:
        return pb.ModelInfo(path=self._name, description="counted bytes", embedding_size=SIZE)

    def _refuse(self, context: grpc.ServicerContext, code: grpc.StatusCode, why: str) -> NoReturn:
        self._counters.ended(code)
        context.abort(code, why)


def register(server: grpc.Server) -> None:
    """Adds the backend to a server."""
    backend_pb2_grpc.add_BackendServicer_to_server(Backend(), server)


if __name__ == "__main__":
    sys.exit(serve.main("scaffold", VERSION, register))
