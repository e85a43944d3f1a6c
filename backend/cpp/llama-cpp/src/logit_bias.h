// What is added to the logits of tokens, as JSON says it.
#pragma once

#include <llama.h>

#include <string>
#include <vector>

namespace serving {

// `json` is empty or null, or an object: {"token id": number, or false to forbid the token}. Throws Failure with
// INVALID_ARGUMENT.
std::vector<llama_logit_bias> logit_bias(const std::string & json, uint32_t vocabulary_size);

}  // namespace serving
