// The service. What it does not override answers UNIMPLEMENTED.
#pragma once

#include "backend.grpc.pb.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace backend {

// A method is named Status, hence ::grpc::Status throughout.
class Service final : public v1::Backend::Service {
public:
    ::grpc::Status Health(::grpc::ServerContext * context, const v1::HealthRequest * request,
                          v1::HealthResponse * response) override;
    ::grpc::Status Status(::grpc::ServerContext * context, const v1::StatusRequest * request,
                          v1::StatusResponse * response) override;
    ::grpc::Status LoadModel(::grpc::ServerContext * context, const v1::LoadModelRequest * request,
                             v1::LoadModelResponse * response) override;
    ::grpc::Status UnloadModel(::grpc::ServerContext * context, const v1::UnloadModelRequest * request,
                               v1::UnloadModelResponse * response) override;
    ::grpc::Status Embedding(::grpc::ServerContext * context, const v1::EmbeddingRequest * request,
                             v1::EmbeddingResponse * response) override;

    // Refuses what comes from now on.
    void shut_down();

private:
    void describe(v1::ModelInfo & model);
    ::grpc::Status counted(::grpc::Status status);

    std::atomic<bool> shutting_down_{false};
    std::atomic<uint64_t> requests_{0};
    std::atomic<uint64_t> requests_failed_{0};
    std::atomic<uint64_t> prompt_tokens_{0};
    std::mutex name_mutex_;
    std::string name_;
};

}  // namespace backend
