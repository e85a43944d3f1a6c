// What a call is answered whose message is none of the contract's.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>

namespace serving {

// INVALID_ARGUMENT: gRPC by itself says UNIMPLEMENTED or INTERNAL, as if it were not the caller's fault.
std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface> refuse_unreadable();

}  // namespace serving
