#include "access.h"

#include <cstdlib>
#include <utility>

namespace serving {
namespace {

// Takes a time that tells nothing of where the two differ.
bool same(::grpc::string_ref a, const std::string & b) {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned differ = 0;
    for (size_t i = 0; i < b.size(); ++i) {
        differ |= static_cast<unsigned char>(a.data()[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return differ == 0;
}

using ::grpc::experimental::InterceptionHookPoints;
using ::grpc::experimental::Interceptor;
using ::grpc::experimental::InterceptorBatchMethods;
using ::grpc::experimental::ServerInterceptorFactoryInterface;
using ::grpc::experimental::ServerRpcInfo;

class Refusal final : public Interceptor {
public:
    Refusal(const Access & access, ServerRpcInfo & call) : access_(access), call_(call) {}

    void Intercept(InterceptorBatchMethods * methods) override {
        if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
            const ::grpc::Status status = access_.check(*call_.server_context());
            if (!status.ok()) {
                methods->ModifySendStatus(status);
            }
        }
        methods->Proceed();
    }

private:
    const Access & access_;
    ServerRpcInfo & call_;
};

class Refusals final : public ServerInterceptorFactoryInterface {
public:
    explicit Refusals(Access access) : access_(std::move(access)) {}

    Interceptor * CreateServerInterceptor(ServerRpcInfo * call) override { return new Refusal(access_, *call); }

private:
    const Access access_;
};

}  // namespace

Access::Access() {
    const char * token = std::getenv("LOCALAI_GRPC_AUTH_TOKEN");
    if (token != nullptr && *token != '\0') {
        expected_ = std::string("Bearer ") + token;
    }
}

::grpc::Status Access::check(const ::grpc::ServerContextBase & context) const {
    if (expected_.empty()) {
        return ::grpc::Status::OK;
    }
    const auto & metadata = context.client_metadata();
    const auto given = metadata.find("authorization");
    if (given == metadata.end() || !same(given->second, expected_)) {
        return {::grpc::StatusCode::UNAUTHENTICATED, "the token is missing or wrong"};
    }
    return ::grpc::Status::OK;
}

std::vector<std::unique_ptr<ServerInterceptorFactoryInterface>> Access::interceptors() const {
    std::vector<std::unique_ptr<ServerInterceptorFactoryInterface>> made;
    if (!expected_.empty()) {
        made.push_back(std::make_unique<Refusals>(*this));
    }
    return made;
}

}  // namespace serving
