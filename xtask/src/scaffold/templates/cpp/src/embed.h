// Counts the bytes of a text: what there is until a model takes its place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace serving {

// Numbers in a vector.
constexpr size_t vector_size = 256;

// The vector of a text, of length 1 unless the text is empty.
std::vector<float> embed(const std::string & text);

}  // namespace serving
