// What this server was built from.
#pragma once

#include <string>

namespace serving {

// For example `llama.cpp 0.5.0 (0c1e57098)`.
std::string version();

}  // namespace serving
