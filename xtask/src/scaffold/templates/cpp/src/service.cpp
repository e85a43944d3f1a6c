#include "service.h"

#include "arguments.h"
#include "embed.h"
#include "memory.h"

#include <algorithm>
#include <utility>

namespace backend {

::grpc::Status Service::Health(::grpc::ServerContext *, const v1::HealthRequest *, v1::HealthResponse * response) {
    response->set_backend("scaffold");
    response->set_version(version());
    return ::grpc::Status::OK;
}

::grpc::Status Service::Status(::grpc::ServerContext *, const v1::StatusRequest *, v1::StatusResponse * response) {
    response->set_state(v1::MODEL_STATE_READY);
    describe(*response->mutable_model());
    const ProcessMemory memory = process_memory();
    response->mutable_memory()->set_resident_bytes(memory.resident_bytes);
    response->mutable_memory()->set_peak_resident_bytes(memory.peak_resident_bytes);
    auto & counters = *response->mutable_counters();
    counters.set_requests(requests_);
    counters.set_requests_failed(requests_failed_);
    counters.set_prompt_tokens(prompt_tokens_);
    return ::grpc::Status::OK;
}

// Loads nothing: the model is the name that Status tells.
::grpc::Status Service::LoadModel(::grpc::ServerContext *, const v1::LoadModelRequest * request,
                                  v1::LoadModelResponse * response) {
    {
        const std::lock_guard lock(name_mutex_);
        name_ = request->model();
    }
    describe(*response->mutable_model());
    return counted(::grpc::Status::OK);
}

::grpc::Status Service::UnloadModel(::grpc::ServerContext *, const v1::UnloadModelRequest *,
                                    v1::UnloadModelResponse * response) {
    const std::lock_guard lock(name_mutex_);
    response->set_unloaded(!std::exchange(name_, "").empty());
    return counted(::grpc::Status::OK);
}

::grpc::Status Service::Embedding(::grpc::ServerContext *, const v1::EmbeddingRequest * request,
                                  v1::EmbeddingResponse * response) {
    if (shutting_down_) {
        return counted({::grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
    }
    const auto & inputs = request->inputs();
    const auto is_empty = [](const std::string & text) { return text.empty(); };
    if (inputs.empty() || std::any_of(inputs.begin(), inputs.end(), is_empty)) {
        return counted({::grpc::StatusCode::INVALID_ARGUMENT, "there is no input, or an empty one"});
    }
    uint32_t tokens = 0;
    for (const std::string & text : inputs) {
        const auto vector = embed(text, !request->has_normalize() || request->normalize());
        response->add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
        tokens += static_cast<uint32_t>(text.size());
    }
    response->set_prompt_tokens(tokens);
    prompt_tokens_ += tokens;
    return counted(::grpc::Status::OK);
}

void Service::shut_down() {
    shutting_down_ = true;
}

void Service::describe(v1::ModelInfo & model) {
    const std::lock_guard lock(name_mutex_);
    model.set_path(name_);
    model.set_description("counted bytes");
    model.set_embedding_size(vector_size);
}

::grpc::Status Service::counted(::grpc::Status status) {
    requests_ += 1;
    requests_failed_ += status.ok() ? 0 : 1;
    return status;
}

}  // namespace backend
