// Whether a number of a request is one that can be used. Everything here throws Failure with INVALID_ARGUMENT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace serving {

int64_t in_range(std::string_view name, int64_t value, int64_t low, int64_t high);

// NaN is in no range.
float in_range(std::string_view name, float value, float low, float high);

// The whole of `text` as a number.
int64_t whole_number(std::string_view name, std::string_view text);
double number(std::string_view name, const std::string & text);

// `on`, `true`, `1` and their opposites; a word that says neither is an error.
bool is_on(std::string_view name, std::string_view text);

}  // namespace serving
