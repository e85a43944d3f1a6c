// From the contract's PredictOptions to checked values.
#pragma once

#include "chat_request.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace serving {

struct TextRequest {
    // Used as it is, or put into the model's template.
    std::variant<std::string, common_chat_templates_inputs> input;
    // At least 1.
    uint32_t max_tokens = 1;
    // None of them empty.
    std::vector<std::string> stop_words;
    // Tokens to guess ahead at once; absent: as the model was loaded.
    std::optional<uint32_t> guesses;
    // How many alternatives are told of each token; absent: nothing is told.
    std::optional<uint32_t> logprobs;
    // In range, and without what the template adds.
    common_params_sampling sampling;
};

// Throws Failure: INVALID_ARGUMENT, or UNIMPLEMENTED for what this server does not do.
TextRequest text_request(const wire::PredictOptions & request, uint32_t vocabulary_size, uint32_t context_length);

}  // namespace serving
