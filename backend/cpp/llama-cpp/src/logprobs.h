// How likely the tokens of an answer were, as OpenAI's `logprobs` of a choice tell it.
#pragma once

#include "model.h"

#include <mutex>
#include <string>
#include <vector>

namespace serving {

class Logprobs {
public:
    // `alternatives`: how many of the likeliest tokens are told beside each that was chosen.
    explicit Logprobs(uint32_t alternatives) : alternatives_(alternatives) {}

    // `logits` are those of the whole vocabulary.
    void add(const Model & model, const float * logits, llama_token chosen);

    // The JSON of what was added since the last call; empty where that is nothing.
    std::string take();

private:
    struct Token {
        std::string bytes;
        double logprob = 0;
    };
    struct Choice {
        Token chosen;
        std::vector<Token> likeliest;
    };

    const uint32_t alternatives_;
    // One thread adds, and another takes.
    std::mutex mutex_;
    std::vector<Choice> choices_;
};

}  // namespace serving
