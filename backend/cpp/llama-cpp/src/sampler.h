// How the next token is chosen: llama.cpp's own sampler, with a look at what it gets and gives.
#pragma once

#include "model.h"

#include <sampling.h>

#include <optional>

namespace serving {

class Sampler {
public:
    // Throws Failure if the grammar does not parse. The settings are in range.
    Sampler(const Model & model, common_params_sampling settings);

    // Lets the penalties see the prompt; LLAMA_TOKEN_NULL is no token of it.
    void accept_prompt(const Tokens & prompt);

    // Chooses and accepts a token after output `index` of the last decode; nothing if no token is allowed, as at the end
    // of a grammar. Throws Failure if the model gave no numbers.
    std::optional<llama_token> sample(llama_context * context, int32_t index);

    // Whether the text of a control token is told.
    bool shows(llama_token token) const { return shown_.count(token) > 0; }

private:
    size_t penalty_last_n_;
    std::set<llama_token> shown_;
    common_sampler_ptr sampler_;
};

}  // namespace serving
