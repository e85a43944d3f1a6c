// From the contract's PredictOptions to checked values.
#pragma once

#include "chat.h"
#include "sampling.h"
#include "wire.h"

#include <string>
#include <variant>
#include <vector>

namespace serving {

struct TextRequest {
    // Used as it is, or put into the model's template.
    std::variant<std::string, std::vector<ChatTurn>> input;
    // At least 1.
    uint32_t max_tokens = 1;
    // None of them empty.
    std::vector<std::string> stop_words;
    SamplingSettings sampling;
};

// Throws Failure: INVALID_ARGUMENT, or UNIMPLEMENTED for what this server does not do.
TextRequest text_request(const wire::PredictOptions & request, uint32_t vocabulary_size, uint32_t context_length);

// Whether its messages are to be put into the model's template.
bool is_chat(const wire::PredictOptions & request);

}  // namespace serving
