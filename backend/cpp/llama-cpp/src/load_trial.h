// Reads what a model's file says of itself in a process of its own: llama.cpp ends the process over some damaged files.
#pragma once

#include "model.h"

#include <functional>

namespace serving {

// Throws Failure with INVALID_ARGUMENT if that process does not live to its end, and with CANCELLED when `go_on` is false.
// A file that cannot be loaded otherwise is not this function's business. Weights are not read.
void try_to_load(const std::string & path, const std::vector<llama_model_kv_override> & overrides,
                 const std::function<bool()> & go_on);

}  // namespace serving
