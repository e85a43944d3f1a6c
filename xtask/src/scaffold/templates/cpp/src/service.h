// The services. What they do not override answers UNIMPLEMENTED.
#pragma once

#include "access.h"
#include "wire.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace serving {

// A method is named Status, hence ::grpc::Status throughout.
class Service final : public wire::Backend::Service {
public:
    Service() : inspection_(*this) {}

    ::grpc::Status Health(::grpc::ServerContext * context, const wire::HealthMessage * request,
                          wire::Reply * response) override;
    ::grpc::Status Status(::grpc::ServerContext * context, const wire::HealthMessage * request,
                          wire::StatusResponse * response) override;
    ::grpc::Status LoadModel(::grpc::ServerContext * context, const wire::ModelOptions * request,
                             wire::Result * response) override;
    ::grpc::Status Free(::grpc::ServerContext * context, const wire::HealthMessage * request,
                        wire::Result * response) override;
    ::grpc::Status Embedding(::grpc::ServerContext * context, const wire::PredictOptions * request,
                             wire::EmbeddingResult * response) override;

    // The second service of the same server.
    ::grpc::Service & inspection() { return inspection_; }

    // Refuses what comes from now on.
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

    std::string identity();
    ::grpc::Status name(const ::grpc::ServerContext & context, const std::string & identity, wire::Result & response);
    ::grpc::Status embed(const wire::PredictOptions & request, wire::EmbeddingResult & response);
    ::grpc::Status counted(::grpc::Status status);

    const Access access_;
    std::atomic<bool> shutting_down_{false};
    std::atomic<uint64_t> requests_{0};
    std::atomic<uint64_t> requests_failed_{0};
    std::atomic<uint64_t> prompt_tokens_{0};
    std::mutex identity_mutex_;
    // What requests call the model; LoadModel sets it.
    std::string identity_;
    Inspection inspection_;
};

}  // namespace serving
