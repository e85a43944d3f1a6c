#include "answers.h"

#include <ggml-backend.h>

namespace serving {

void describe(const Model & model, const LoadOptions & options, wire::ModelInfo & info) {
    info.set_identity(options.identity);
    info.set_path(options.path);
    info.set_description(model.description());
    info.set_parameters(llama_model_n_params(model.get()));
    info.set_size_bytes(llama_model_size(model.get()));
    info.set_vocabulary_size(model.vocabulary_size());
    info.set_embedding_size(static_cast<uint32_t>(llama_model_n_embd_out(model.get())));
    info.set_trained_context_length(static_cast<uint32_t>(llama_model_n_ctx_train(model.get())));
    info.set_context_length(model.context_length(options));
    info.set_has_chat_template(llama_model_chat_template(model.get(), nullptr) != nullptr);
}

void describe(const Load & load, wire::SlotUsage & usage) {
    usage.set_total(load.total);
    usage.set_busy(load.busy);
    usage.set_queued(load.queued);
}

void describe(const ProcessMemory & memory, wire::MemoryUsageData & usage) {
    usage.set_total(memory.resident_bytes);
    (*usage.mutable_breakdown())["peak"] = memory.peak_resident_bytes;
}

void describe(const Metrics & metrics, wire::Counters & counters) {
    counters.set_requests(metrics.requests);
    counters.set_requests_failed(metrics.requests_failed);
    counters.set_requests_cancelled(metrics.requests_cancelled);
    counters.set_prompt_tokens(metrics.prompt_tokens);
    counters.set_completion_tokens(metrics.completion_tokens);
    counters.set_drafted_tokens(metrics.drafted_tokens);
    counters.set_accepted_tokens(metrics.accepted_tokens);
    counters.set_prompt_ms(static_cast<double>(metrics.prompt_microseconds) / 1000);
    counters.set_completion_ms(static_cast<double>(metrics.completion_microseconds) / 1000);
}

void describe(const LastRequest & last, wire::MetricsResponse & response) {
    response.set_slot_id(static_cast<int32_t>(last.slot));
    if (last.usage.completion_ms > 0) {
        response.set_tokens_per_second(static_cast<float>(last.usage.completion_tokens * 1000.0 / last.usage.completion_ms));
    }
    response.set_tokens_generated(static_cast<int32_t>(last.usage.completion_tokens));
    response.set_prompt_tokens_processed(static_cast<int32_t>(last.usage.prompt_tokens));
}

void describe(const Vectors & vectors, wire::EmbeddingResult & result) {
    result.mutable_embeddings()->Add(vectors.values.begin(), vectors.values.end());
    result.set_tokens(static_cast<int32_t>(vectors.count));
    result.set_dim(static_cast<int32_t>(vectors.values.size() / vectors.count));
    result.set_layout(vectors.of_tokens ? wire::EMBEDDING_LAYOUT_PER_TOKEN : wire::EMBEDDING_LAYOUT_FINAL);
}

void describe_devices(wire::Inspected & inspected) {
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i) {
        ggml_backend_dev_t found = ggml_backend_dev_get(i);
        wire::Device & device = *inspected.add_devices();
        device.set_name(ggml_backend_dev_name(found));
        device.set_description(ggml_backend_dev_description(found));
        size_t free_bytes = 0;
        size_t total_bytes = 0;
        ggml_backend_dev_memory(found, &free_bytes, &total_bytes);
        device.set_memory_free_bytes(free_bytes);
        device.set_memory_total_bytes(total_bytes);
    }
}

}  // namespace serving
