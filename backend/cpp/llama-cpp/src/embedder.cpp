#include "embedder.h"

#include "batch.h"
#include "failure.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace serving {
namespace {

constexpr uint32_t smallest_capacity = 512;

void scale_to_length_one(std::vector<float> & vector) {
    double sum = 0;
    for (const float value : vector) {
        sum += static_cast<double>(value) * value;
    }
    if (sum > 0) {
        const double scale = 1.0 / std::sqrt(sum);
        for (float & value : vector) {
            value = static_cast<float>(value * scale);
        }
    }
}

}  // namespace

Vectors Embedder::embed(const Tokens & text, const std::function<bool()> & go_on) {
    if (ranks()) {
        throw failed_precondition("the model ranks texts and has no embeddings; load it without Reranking and pooling_type "
                                  "rank, or call Rerank");
    }
    Vectors vectors = compute(text, go_on);
    if (options_.normalize && !vectors.of_tokens) {
        scale_to_length_one(vectors.values);
    }
    return vectors;
}

float Embedder::rank(const Tokens & text, const std::function<bool()> & go_on) {
    if (!ranks()) {
        throw failed_precondition("the model was not loaded for ranking; load one that ranks, with Reranking");
    }
    return compute(text, go_on).values.front();
}

bool Embedder::ranks() const {
    return options_.pooling == LLAMA_POOLING_TYPE_RANK;
}

Vectors Embedder::compute(const Tokens & text, const std::function<bool()> & go_on) {
    const uint32_t limit = model_.context_length(options_);
    if (text.empty()) {
        throw invalid_argument("the text has no tokens");
    }
    if (text.size() > limit) {
        throw resource_exhausted("the text has " + std::to_string(text.size()) +
                                 " tokens, but the context has room for " + std::to_string(limit));
    }
    const std::lock_guard lock(mutex_);
    if (stopped_ || !go_on()) {
        throw Failure(::grpc::StatusCode::CANCELLED, "the request was cancelled");
    }
    make_room(static_cast<uint32_t>(text.size()));
    decode(text);
    const auto size = static_cast<size_t>(ranks() ? 1 : llama_model_n_embd_out(model_.get()));
    Vectors vectors;
    vectors.of_tokens = llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_NONE;
    vectors.count = vectors.of_tokens ? text.size() : 1;
    for (size_t i = 0; i < vectors.count; ++i) {
        const float * values = vectors.of_tokens ? llama_get_embeddings_ith(context_.get(), static_cast<int32_t>(i))
                                                 : llama_get_embeddings_seq(context_.get(), 0);
        if (values == nullptr) {
            throw Failure(::grpc::StatusCode::INTERNAL, "llama.cpp gave no vector");
        }
        vectors.values.insert(vectors.values.end(), values, values + size);
    }
    if (!std::all_of(vectors.values.begin(), vectors.values.end(), [](float value) { return std::isfinite(value); })) {
        throw not_finite("vectors");
    }
    return vectors;
}

void Embedder::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    context_.reset();
}

// A text must fit into one physical batch, or its vector would be that of its last part; and the buffers grow with the
// batch, so the context is made for the longest text so far instead of for the longest one possible.
void Embedder::make_room(uint32_t tokens) {
    if (context_ && tokens <= capacity_) {
        return;
    }
    context_.reset();
    capacity_ = std::bit_ceil(std::max(tokens, std::min(smallest_capacity, model_.context_length(options_))));
    make_context(options_.pooling);
    // A model that was not made for it has a mean all the same, unless its tokens' own vectors were asked for.
    if (llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_NONE && options_.pooling != LLAMA_POOLING_TYPE_NONE) {
        context_.reset();
        make_context(LLAMA_POOLING_TYPE_MEAN);
    }
    if (llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_RANK && !ranks()) {
        context_.reset();
        throw failed_precondition("the model ranks texts and has no embeddings; load it with Reranking, or with another "
                                  "pooling_type");
    }
}

void Embedder::make_context(enum llama_pooling_type pooling) {
    llama_context_params parameters = context_parameters(options_);
    parameters.n_ctx = capacity_;
    parameters.n_batch = capacity_;
    parameters.n_ubatch = capacity_;
    parameters.n_seq_max = 1;
    parameters.embeddings = true;
    parameters.pooling_type = pooling;
    // The cache's types are for long answers; here they would only cost exactness.
    parameters.type_k = GGML_TYPE_F16;
    parameters.type_v = GGML_TYPE_F16;
    context_ = model_.make_context(
        parameters, "no context of " + std::to_string(capacity_) + " tokens for embeddings could be made");
}

void Embedder::decode(const Tokens & tokens) {
    if (llama_memory_t memory = llama_get_memory(context_.get()); memory != nullptr) {
        llama_memory_clear(memory, false);
    }
    Batch batch(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) {
        batch.add(tokens[i], i, true);
    }
    const int32_t result = llama_model_has_encoder(model_.get()) ? llama_encode(context_.get(), batch.raw())
                                                                 : llama_decode(context_.get(), batch.raw());
    if (result != 0) {
        throw Failure(::grpc::StatusCode::INTERNAL,
                      "llama.cpp could not compute an embedding (code " + std::to_string(result) + ")");
    }
}

}  // namespace serving
