// Text where only ASCII may stand.
#pragma once

#include <string>
#include <string_view>

namespace serving {

// Letters, digits and `-._~` as they are, every other byte as `%` and two hexadecimal digits.
std::string percent_encoded(std::string_view text);

}  // namespace serving
