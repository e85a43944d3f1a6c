#include "unreadable.h"

namespace serving {
namespace {

using ::grpc::experimental::InterceptionHookPoints;
using ::grpc::experimental::Interceptor;
using ::grpc::experimental::InterceptorBatchMethods;
using ::grpc::experimental::ServerInterceptorFactoryInterface;
using ::grpc::experimental::ServerRpcInfo;

class Translation final : public Interceptor {
public:
    void Intercept(InterceptorBatchMethods * methods) override {
        if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
            unreadable_ = methods->GetRecvMessage() == nullptr;
        }
        if (unreadable_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
            methods->ModifySendStatus({::grpc::StatusCode::INVALID_ARGUMENT, "the message cannot be read"});
        }
        methods->Proceed();
    }

private:
    bool unreadable_ = false;
};

class Translations final : public ServerInterceptorFactoryInterface {
public:
    Interceptor * CreateServerInterceptor(ServerRpcInfo *) override { return new Translation(); }
};

}  // namespace

std::unique_ptr<ServerInterceptorFactoryInterface> refuse_unreadable() {
    return std::make_unique<Translations>();
}

}  // namespace serving
