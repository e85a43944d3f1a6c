// The services: they find the session, check the request, and hand the work over.
#pragma once

#include "access.h"
#include "metrics.h"
#include "prediction.h"
#include "session.h"
#include "wire.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace serving {

// Text is answered through callbacks, since those learn of a cancellation at once and hold no thread while they wait;
// all else is short or busy and runs on a thread of its own. A method is named Status, hence ::grpc::Status throughout.
using ServiceBase = wire::Backend::WithCallbackMethod_Predict<
    wire::Backend::WithCallbackMethod_PredictStream<wire::Backend::Service>>;

class Service final : public ServiceBase {
public:
    // Models are loaded from `models` alone, if it is given.
    explicit Service(std::optional<std::string> models) : models_(std::move(models)), inspection_(*this) {}

    ::grpc::Status Health(::grpc::ServerContext * context, const wire::HealthMessage * request,
                          wire::Reply * response) override;
    ::grpc::Status Status(::grpc::ServerContext * context, const wire::HealthMessage * request,
                          wire::StatusResponse * response) override;
    ::grpc::Status GetMetrics(::grpc::ServerContext * context, const wire::MetricsRequest * request,
                              wire::MetricsResponse * response) override;
    ::grpc::Status LoadModel(::grpc::ServerContext * context, const wire::ModelOptions * request,
                             wire::Result * response) override;
    ::grpc::Status ModelMetadata(::grpc::ServerContext * context, const wire::ModelOptions * request,
                                 wire::ModelMetadataResponse * response) override;
    ::grpc::Status Free(::grpc::ServerContext * context, const wire::HealthMessage * request,
                        wire::Result * response) override;
    ::grpc::ServerUnaryReactor * Predict(::grpc::CallbackServerContext * context, const wire::PredictOptions * request,
                                         wire::Reply * response) override;
    ::grpc::ServerWriteReactor<wire::Reply> * PredictStream(::grpc::CallbackServerContext * context,
                                                            const wire::PredictOptions * request) override;
    ::grpc::Status Embedding(::grpc::ServerContext * context, const wire::PredictOptions * request,
                             wire::EmbeddingResult * response) override;
    ::grpc::Status TokenizeString(::grpc::ServerContext * context, const wire::PredictOptions * request,
                                  wire::TokenizationResponse * response) override;
    ::grpc::Status Detokenize(::grpc::ServerContext * context, const wire::DetokenizeRequest * request,
                              wire::DetokenizeResponse * response) override;
    ::grpc::Status Rerank(::grpc::ServerContext * context, const wire::RerankRequest * request,
                          wire::RerankResult * response) override;
    ::grpc::Status Score(::grpc::ServerContext * context, const wire::ScoreRequest * request,
                         wire::ScoreResponse * response) override;

    // The second service of the same server.
    ::grpc::Service & inspection() { return inspection_; }

    // Frees the model; running requests end with CANCELLED, and a load that is going on stops.
    void shut_down();

private:
    class Inspection final : public wire::Inspection::Service {
    public:
        explicit Inspection(serving::Service & service) : service_(service) {}

        ::grpc::Status Inspect(::grpc::ServerContext * context, const wire::InspectRequest * request,
                               wire::Inspected * response) override;

    private:
        serving::Service & service_;
    };

    // Runs the body of a method, if the caller may call; what it throws becomes the status.
    template <typename Body>
    ::grpc::Status answer(const ::grpc::ServerContextBase & context, const Body & body) const;
    // The same for a request that is counted.
    template <typename Body>
    ::grpc::Status answer_counted(const ::grpc::ServerContextBase & context, const Body & body);

    // What is loaded, or nothing.
    std::shared_ptr<Session> loaded() const;
    // Throws Failure if there is none, or not the one that the request means; an empty name means any.
    std::shared_ptr<Session> session(const std::string & identity = {}) const;
    wire::StatusResponse::State state(const Session * session) const;
    // The one that is loaded stays as it is, unless there is no room for both.
    std::shared_ptr<Session> load(const LoadOptions & options, const std::function<bool()> & go_on);
    // Whether there was one.
    bool unload();
    // Ends the work of a session, which may be none.
    static void end(std::shared_ptr<Session> session);
    void start(const ::grpc::ServerContextBase & context, const wire::PredictOptions & request,
               Prediction & prediction);

    const std::optional<std::string> models_;
    const Access access_;
    Metrics metrics_;
    Teller teller_;
    std::atomic<bool> shutting_down_{false};
    std::atomic<bool> loading_{false};
    // Held while the model changes.
    std::mutex change_mutex_;
    mutable std::mutex session_mutex_;
    std::shared_ptr<Session> session_;
    Inspection inspection_;
};

}  // namespace serving
