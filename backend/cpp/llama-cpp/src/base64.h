// Bytes that came as base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace serving {

// Nothing if `text` is no base64: of the usual alphabet, with padding or without, and nothing else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace serving
