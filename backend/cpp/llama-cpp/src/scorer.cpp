#include "scorer.h"

#include "batch.h"
#include "failure.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace serving {
namespace {

constexpr uint32_t smallest_capacity = 512;

double log_probability(const float * logits, uint32_t vocabulary_size, llama_token token) {
    const float greatest = *std::max_element(logits, logits + vocabulary_size);
    double sum = 0;
    for (uint32_t i = 0; i < vocabulary_size; ++i) {
        sum += std::exp(static_cast<double>(logits[i] - greatest));
    }
    return logits[token] - greatest - std::log(sum);
}

}  // namespace

std::vector<double> Scorer::score(const Tokens & text, size_t first, const std::function<bool()> & go_on) {
    const uint32_t limit = model_.context_length(options_);
    if (text.size() > limit) {
        throw resource_exhausted("the prompt and a candidate have " + std::to_string(text.size()) +
                                 " tokens, but the context has room for " + std::to_string(limit));
    }
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        throw Failure(::grpc::StatusCode::CANCELLED, "the request was cancelled");
    }
    make_room(static_cast<uint32_t>(text.size()));
    llama_memory_clear(llama_get_memory(context_.get()), false);
    std::vector<double> scores;
    Batch batch(options_.batch_size);
    // The last token is only ever guessed.
    for (size_t at = 0; at + 1 < text.size();) {
        if (!go_on()) {
            throw Failure(::grpc::StatusCode::CANCELLED, "the request was cancelled");
        }
        batch.clear();
        const size_t end = std::min(text.size() - 1, at + options_.batch_size);
        for (size_t i = at; i < end; ++i) {
            batch.add(text[i], i, i + 1 >= first);
        }
        if (const int32_t result = llama_decode(context_.get(), batch.raw()); result != 0) {
            throw Failure(::grpc::StatusCode::INTERNAL,
                          "llama.cpp could not compute a step (code " + std::to_string(result) + ")");
        }
        for (size_t i = std::max(at, first - 1); i < end; ++i) {
            const float * logits = llama_get_logits_ith(context_.get(), static_cast<int32_t>(i - at));
            scores.push_back(log_probability(logits, model_.vocabulary_size(), text[i + 1]));
            if (std::isnan(scores.back())) {
                throw not_finite("logits");
            }
        }
        at = end;
    }
    return scores;
}

void Scorer::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    context_.reset();
}

void Scorer::make_room(uint32_t tokens) {
    if (context_ && tokens <= capacity_) {
        return;
    }
    context_.reset();
    capacity_ = std::bit_ceil(std::max(tokens, std::min(smallest_capacity, model_.context_length(options_))));
    llama_context_params parameters = context_parameters(options_);
    parameters.n_ctx = capacity_;
    parameters.n_batch = options_.batch_size;
    parameters.n_ubatch = options_.batch_size;
    parameters.n_seq_max = 1;
    context_ = model_.make_context(parameters, "no context of " + std::to_string(capacity_) + " tokens could be made");
}

}  // namespace serving
