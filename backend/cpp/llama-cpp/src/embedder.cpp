#include "embedder.h"

#include "failure.h"
#include "log.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace backend {
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

struct BatchFree {
    llama_batch batch;
    ~BatchFree() { llama_batch_free(batch); }
};

}  // namespace

std::vector<std::vector<float>> Embedder::embed(const std::vector<Tokens> & texts, bool normalize,
                                                const std::function<bool()> & go_on) {
    const uint32_t limit = model_.context_length(options_);
    uint32_t longest = 0;
    for (const Tokens & tokens : texts) {
        if (tokens.empty()) {
            throw invalid_argument("an input has no tokens");
        }
        if (tokens.size() > limit) {
            throw resource_exhausted("an input has " + std::to_string(tokens.size()) +
                                     " tokens, but the context has room for " + std::to_string(limit));
        }
        longest = std::max(longest, static_cast<uint32_t>(tokens.size()));
    }
    std::vector<std::vector<float>> vectors;
    for (const Tokens & tokens : texts) {
        // Not held over all texts: requests take turns, and stop() waits for one text at most.
        const std::lock_guard lock(mutex_);
        if (stopped_ || !go_on()) {
            throw Failure(::grpc::StatusCode::CANCELLED, "the request was cancelled");
        }
        make_room(longest);
        vectors.push_back(embed_one(tokens));
        if (normalize) {
            scale_to_length_one(vectors.back());
        }
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
    const enum llama_pooling_type pooling = llama_pooling_type(context_.get());
    if (pooling == LLAMA_POOLING_TYPE_NONE) {
        context_.reset();
        make_context(LLAMA_POOLING_TYPE_MEAN);
    } else if (pooling == LLAMA_POOLING_TYPE_RANK) {
        context_.reset();
        throw failed_precondition("the model ranks texts and has no embeddings; set pooling to use it all the same");
    }
}

void Embedder::make_context(enum llama_pooling_type pooling) {
    llama_context_params parameters = llama_context_default_params();
    parameters.n_ctx = capacity_;
    parameters.n_batch = capacity_;
    parameters.n_ubatch = capacity_;
    parameters.n_seq_max = 1;
    parameters.n_threads = static_cast<int32_t>(options_.threads);
    parameters.n_threads_batch = parameters.n_threads;
    parameters.embeddings = true;
    parameters.pooling_type = pooling;
    parameters.flash_attn_type = options_.flash_attention;
    parameters.no_perf = true;
    const ErrorCapture errors;
    context_.reset(llama_init_from_model(model_.get(), parameters));
    if (!context_) {
        throw resource_exhausted("no context of " + std::to_string(capacity_) +
                                 " tokens for embeddings could be made: " + errors.text());
    }
}

std::vector<float> Embedder::embed_one(const Tokens & tokens) {
    if (llama_memory_t memory = llama_get_memory(context_.get()); memory != nullptr) {
        llama_memory_clear(memory, false);
    }
    BatchFree owner{llama_batch_init(static_cast<int32_t>(tokens.size()), 0, 1)};
    llama_batch & batch = owner.batch;
    for (size_t i = 0; i < tokens.size(); ++i) {
        batch.token[i] = tokens[i];
        batch.pos[i] = static_cast<llama_pos>(i);
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = 1;
    }
    batch.n_tokens = static_cast<int32_t>(tokens.size());
    const int32_t result = llama_model_has_encoder(model_.get()) ? llama_encode(context_.get(), batch)
                                                                 : llama_decode(context_.get(), batch);
    const float * values = result == 0 ? llama_get_embeddings_seq(context_.get(), 0) : nullptr;
    if (values == nullptr) {
        throw Failure(::grpc::StatusCode::INTERNAL,
                      "llama.cpp could not compute an embedding (code " + std::to_string(result) + ")");
    }
    return {values, values + llama_model_n_embd_out(model_.get())};
}

}  // namespace backend
