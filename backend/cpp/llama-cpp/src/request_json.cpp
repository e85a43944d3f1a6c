#include "request_json.h"

#include "failure.h"

#include <algorithm>

namespace serving {
namespace {

constexpr size_t most_levels = 100;

size_t levels(std::string_view text) {
    size_t now = 0;
    size_t most = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            most = std::max(most, ++now);
        } else if ((c == ']' || c == '}') && now > 0) {
            --now;
        }
    }
    return most;
}

}  // namespace

common_json parse_json(std::string_view name, const std::string & text) {
    if (levels(text) > most_levels) {
        throw invalid_argument(std::string(name) + " is nested more than " + std::to_string(most_levels) + " levels deep");
    }
    common_json parsed = common_json::parse_no_throw(text);
    if (parsed.is_discarded()) {
        throw invalid_argument(std::string(name) + " is no JSON");
    }
    return parsed;
}

}  // namespace serving
