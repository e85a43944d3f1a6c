#include "service.h"

#include "arguments.h"
#include "embed.h"
#include "memory.h"

namespace serving {

::grpc::Status Service::Health(::grpc::ServerContext * context, const wire::HealthMessage *, wire::Reply * response) {
    response->set_message("OK");
    return access_.check(*context);
}

::grpc::Status Service::Status(::grpc::ServerContext * context, const wire::HealthMessage *,
                               wire::StatusResponse * response) {
    const ProcessMemory memory = process_memory();
    response->set_state(wire::StatusResponse::READY);
    response->mutable_memory()->set_total(memory.resident_bytes);
    (*response->mutable_memory()->mutable_breakdown())["peak"] = memory.peak_resident_bytes;
    return access_.check(*context);
}

// Loads nothing: the model is the name that requests may mean.
::grpc::Status Service::LoadModel(::grpc::ServerContext * context, const wire::ModelOptions * request,
                                  wire::Result * response) {
    response->set_message("there is no model to load");
    return name(*context, request->model(), *response);
}

::grpc::Status Service::Free(::grpc::ServerContext * context, const wire::HealthMessage *, wire::Result * response) {
    response->set_message("there was no model to free");
    return name(*context, "", *response);
}

::grpc::Status Service::Embedding(::grpc::ServerContext * context, const wire::PredictOptions * request,
                                  wire::EmbeddingResult * response) {
    const ::grpc::Status allowed = access_.check(*context);
    return counted(allowed.ok() ? embed(*request, *response) : allowed);
}

::grpc::Status Service::Inspection::Inspect(::grpc::ServerContext * context, const wire::InspectRequest *,
                                            wire::Inspected * response) {
    response->set_backend("scaffold");
    response->set_version(version());
    response->set_state(wire::StatusResponse::READY);
    wire::ModelInfo & model = *response->mutable_model();
    model.set_identity(service_.identity());
    model.set_description("counted bytes");
    model.set_embedding_size(vector_size);
    wire::Counters & counters = *response->mutable_counters();
    counters.set_requests(service_.requests_);
    counters.set_requests_failed(service_.requests_failed_);
    counters.set_prompt_tokens(service_.prompt_tokens_);
    return service_.access_.check(*context);
}

void Service::shut_down() {
    shutting_down_ = true;
}

std::string Service::identity() {
    const std::lock_guard lock(identity_mutex_);
    return identity_;
}

::grpc::Status Service::name(const ::grpc::ServerContext & context, const std::string & identity,
                             wire::Result & response) {
    const ::grpc::Status allowed = access_.check(context);
    if (allowed.ok()) {
        const std::lock_guard lock(identity_mutex_);
        identity_ = identity;
        response.set_success(true);
    }
    return counted(allowed);
}

::grpc::Status Service::embed(const wire::PredictOptions & request, wire::EmbeddingResult & response) {
    if (shutting_down_) {
        return {::grpc::StatusCode::UNAVAILABLE, "the server is shutting down"};
    }
    const std::string loaded = identity();
    const std::string & meant = request.modelidentity();
    if (!meant.empty() && !loaded.empty() && meant != loaded) {
        // LocalAI looks for the words before the colon.
        return {::grpc::StatusCode::FAILED_PRECONDITION,
                "model identity mismatch: `" + loaded + "` is loaded, the request is for `" + meant + "`"};
    }
    const std::string & text = request.embeddings();
    if (text.empty()) {
        return {::grpc::StatusCode::INVALID_ARGUMENT, "Embeddings holds no text; there are no tokens to embed here"};
    }
    const auto vector = serving::embed(text);
    response.mutable_embeddings()->Add(vector.begin(), vector.end());
    response.set_tokens(1);
    response.set_dim(static_cast<int32_t>(vector.size()));
    response.set_prompt_tokens(static_cast<int32_t>(text.size()));
    response.set_layout(wire::EMBEDDING_LAYOUT_FINAL);
    prompt_tokens_ += text.size();
    return ::grpc::Status::OK;
}

::grpc::Status Service::counted(::grpc::Status status) {
    requests_ += 1;
    requests_failed_ += status.ok() ? 0 : 1;
    return status;
}

}  // namespace serving
