#include "logprobs.h"

#include "utf8.h"

#include <json.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace serving {
namespace {

// The logarithm of the sum of the exponentials, which makes logarithms of probabilities of logits.
double log_sum(const float * logits, size_t count) {
    const float greatest = *std::max_element(logits, logits + count);
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
        sum += std::exp(logits[i] - greatest);
    }
    return greatest + std::log(sum);
}

template <typename Token>
common_json json_of(const Token & token) {
    common_json made = common_json::object();
    made["token"] = valid_utf8(token.bytes);
    // JSON has no infinity; this is what it is for a forbidden token.
    made["logprob"] = std::max(token.logprob, -9999.0);
    made["bytes"] = common_json::array();
    for (const char byte : token.bytes) {
        made["bytes"].push_back(static_cast<int>(static_cast<unsigned char>(byte)));
    }
    return made;
}

}  // namespace

void Logprobs::add(const Model & model, const float * logits, llama_token chosen) {
    const size_t count = model.vocabulary_size();
    const double sum = log_sum(logits, count);
    const auto token_of = [&](llama_token id) { return Token{model.piece(id, true), logits[id] - sum}; };
    Choice choice{token_of(chosen), {}};
    std::vector<llama_token> order(count);
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(alternatives_, count));
    std::partial_sort(order.begin(), end, order.end(), [&](llama_token a, llama_token b) { return logits[a] > logits[b]; });
    std::transform(order.begin(), end, std::back_inserter(choice.likeliest), token_of);
    const std::lock_guard lock(mutex_);
    choices_.push_back(std::move(choice));
}

std::string Logprobs::take() {
    std::vector<Choice> choices;
    {
        const std::lock_guard lock(mutex_);
        choices.swap(choices_);
    }
    if (choices.empty()) {
        return {};
    }
    common_json all = common_json::object();
    all["content"] = common_json::array();
    for (const Choice & choice : choices) {
        common_json made = json_of(choice.chosen);
        made["top_logprobs"] = common_json::array();
        for (const Token & token : choice.likeliest) {
            made["top_logprobs"].push_back(json_of(token));
        }
        all["content"].push_back(made);
    }
    return all.dump();
}

}  // namespace serving
