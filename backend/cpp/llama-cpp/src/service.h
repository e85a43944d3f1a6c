// The service: finds the session, checks the request, and hands the work over.
#pragma once

#include "backend.grpc.pb.h"
#include "metrics.h"
#include "prediction.h"
#include "session.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace backend {

// Text is answered through callbacks, since those learn of a cancellation at once and hold no thread while they wait;
// all else is short or busy and runs on a thread of its own. A method is named Status, hence ::grpc::Status throughout.
using ServiceBase = v1::Backend::WithCallbackMethod_Predict<
    v1::Backend::WithCallbackMethod_PredictStream<v1::Backend::Service>>;

class Service final : public ServiceBase {
public:
    ::grpc::Status Health(::grpc::ServerContext * context, const v1::HealthRequest * request,
                          v1::HealthResponse * response) override;
    ::grpc::Status Status(::grpc::ServerContext * context, const v1::StatusRequest * request,
                          v1::StatusResponse * response) override;
    ::grpc::Status LoadModel(::grpc::ServerContext * context, const v1::LoadModelRequest * request,
                             v1::LoadModelResponse * response) override;
    ::grpc::Status UnloadModel(::grpc::ServerContext * context, const v1::UnloadModelRequest * request,
                               v1::UnloadModelResponse * response) override;
    ::grpc::ServerUnaryReactor * Predict(::grpc::CallbackServerContext * context, const v1::PredictRequest * request,
                                         v1::PredictResponse * response) override;
    ::grpc::ServerWriteReactor<v1::PredictChunk> * PredictStream(::grpc::CallbackServerContext * context,
                                                                 const v1::PredictRequest * request) override;
    ::grpc::Status Embedding(::grpc::ServerContext * context, const v1::EmbeddingRequest * request,
                             v1::EmbeddingResponse * response) override;
    ::grpc::Status TokenizeString(::grpc::ServerContext * context, const v1::TokenizeStringRequest * request,
                                  v1::TokenizeStringResponse * response) override;
    ::grpc::Status Detokenize(::grpc::ServerContext * context, const v1::DetokenizeRequest * request,
                              v1::DetokenizeResponse * response) override;

    // Frees the model; running requests end with CANCELLED, and a load that is going on stops.
    void shut_down();

private:
    std::shared_ptr<Session> session() const;
    bool unload();
    void start(const v1::PredictRequest & request, Prediction & prediction);
    std::shared_ptr<Job> make_job(const Session & session, const v1::PredictRequest & request, Prediction & prediction);

    Metrics metrics_;
    std::atomic<bool> shutting_down_{false};
    std::atomic<bool> loading_{false};
    // Held while the model changes.
    std::mutex change_mutex_;
    mutable std::mutex session_mutex_;
    std::shared_ptr<Session> session_;
};

}  // namespace backend
