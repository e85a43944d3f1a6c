"""Who may call: those who know the token, where there is one."""

import hmac
import os
from collections.abc import Callable

import grpc

_VARIABLE = "LOCALAI_GRPC_AUTH_TOKEN"


class Demand(grpc.ServerInterceptor):
    """Demands `authorization: Bearer TOKEN` of every call."""

    def __init__(self, token: str):
        self._expected = f"Bearer {token}"

        def refuse(_request: object, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")

        # gRPC tells the client of this before it looks at what kind of call it was.
        self._refusal = grpc.unary_unary_rpc_method_handler(refuse)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        given = [value for name, value in handler_call_details.invocation_metadata if name == "authorization"]
        if len(given) == 1 and hmac.compare_digest(str(given[0]).encode(), self._expected.encode()):
            return continuation(handler_call_details)
        return self._refusal


def interceptors() -> list[grpc.ServerInterceptor]:
    """What a server demands of its callers."""
    token = os.environ.get(_VARIABLE)
    return [Demand(token)] if token else []
