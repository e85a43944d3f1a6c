"""What is demanded of a call before a backend sees it: the token, where there is one, and a message that can be read."""

import hmac
import inspect
import os
from collections.abc import Awaitable, Callable
from typing import NoReturn

import grpc
from google.protobuf.message import DecodeError

_VARIABLE = "LOCALAI_GRPC_AUTH_TOKEN"

Continue = Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]]


def _refusing(code: grpc.StatusCode, why: str) -> Callable[[object, grpc.aio.ServicerContext], Awaitable[NoReturn]]:
    async def refuse(_request: object, context: grpc.aio.ServicerContext) -> NoReturn:
        await context.abort(code, why)

    return refuse


class Demand(grpc.aio.ServerInterceptor):
    """Demands `authorization: Bearer TOKEN` of every call."""

    def __init__(self, token: str):
        self._expected = f"Bearer {token}".encode()
        # gRPC tells the client of this before it looks at what kind of call it was.
        refuse = _refusing(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")
        self._refusal = grpc.unary_unary_rpc_method_handler(refuse)

    async def intercept_service(
        self, continuation: Continue, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        given = [value for name, value in handler_call_details.invocation_metadata if name == "authorization"]
        if len(given) == 1 and hmac.compare_digest(str(given[0]).encode(), self._expected):
            return await continuation(handler_call_details)
        return self._refusal


class Malformed(grpc.aio.ServerInterceptor):
    """Says whose fault a message is that cannot be read: gRPC would call it ours."""

    _refuse = staticmethod(_refusing(grpc.StatusCode.INVALID_ARGUMENT, "the message is malformed"))

    async def intercept_service(
        self, continuation: Continue, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        if not inspect.iscoroutinefunction(handler.unary_unary):
            # A call of the base class says that it is not served, whatever the message is.
            return handler._replace(request_deserializer=lambda _message: None)
        answer, read = handler.unary_unary, handler.request_deserializer

        def deserialize(message: bytes) -> object:
            try:
                return read(message)
            except DecodeError as error:
                return error

        async def checked(request: object, context: grpc.aio.ServicerContext) -> object:
            return await (self._refuse if isinstance(request, DecodeError) else answer)(request, context)

        return grpc.unary_unary_rpc_method_handler(checked, deserialize, handler.response_serializer)


def interceptors() -> list[grpc.aio.ServerInterceptor]:
    """What a server demands of its callers."""
    token = os.environ.get(_VARIABLE)
    return [*([Demand(token)] if token else []), Malformed()]
