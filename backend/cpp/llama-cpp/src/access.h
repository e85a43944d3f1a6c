// Who may call: those who know the token, where there is one.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <vector>

namespace serving {

class Access {
public:
    // The token that LocalAI and its backends agree on: LOCALAI_GRPC_AUTH_TOKEN. An empty one is none.
    Access();

    // OK, or UNAUTHENTICATED where a token is demanded and the call does not bring it. For methods to ask before they do
    // anything: an interceptor cannot keep them from it.
    ::grpc::Status check(const ::grpc::ServerContextBase & context) const;

    // Give the same answer to calls of methods that nobody wrote.
    std::vector<std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface>> interceptors() const;

private:
    // What `authorization` must say; empty: nothing is demanded.
    std::string expected_;
};

}  // namespace serving
