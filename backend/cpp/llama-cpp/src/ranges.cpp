#include "ranges.h"

#include "failure.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace serving {
namespace {

std::string text_of(float value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%g", static_cast<double>(value));
    return text;
}

Failure out_of_range(std::string_view name, const std::string & value, const std::string & low, const std::string & high) {
    return invalid_argument(std::string(name) + " is " + value + ", but must be " + low + " to " + high);
}

Failure no_number(std::string_view name, std::string_view text) {
    return invalid_argument(std::string(name) + " is '" + std::string(text) + "', which is no number");
}

}  // namespace

int64_t in_range(std::string_view name, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
        throw out_of_range(name, std::to_string(value), std::to_string(low), std::to_string(high));
    }
    return value;
}

float in_range(std::string_view name, float value, float low, float high) {
    // Written so that NaN fails.
    if (!(value >= low && value <= high)) {
        throw out_of_range(name, text_of(value), text_of(low), text_of(high));
    }
    return value;
}

int64_t whole_number(std::string_view name, std::string_view text) {
    int64_t value = 0;
    const char * end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) {
        throw no_number(name, text);
    }
    return value;
}

double number(std::string_view name, const std::string & text) {
    char * end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') {
        throw no_number(name, text);
    }
    return value;
}

bool is_on(std::string_view name, std::string_view text) {
    if (text == "on" || text == "true" || text == "1") {
        return true;
    }
    if (text == "off" || text == "false" || text == "0") {
        return false;
    }
    throw invalid_argument(std::string(name) + " is '" + std::string(text) + "', but must be on or off");
}

}  // namespace serving
