// Values that take the place of what a model's file says of it.
#pragma once

#include <llama.h>

#include <string>
#include <vector>

namespace serving {

// Each is `key=type:value`, where type is int, float, bool or str. Throws Failure with INVALID_ARGUMENT.
std::vector<llama_model_kv_override> overrides(const std::vector<std::string> & texts);

}  // namespace serving
