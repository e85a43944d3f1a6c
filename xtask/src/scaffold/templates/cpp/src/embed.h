// Counts the bytes of a text: what there is until a model takes its place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace backend {

// Numbers in a vector.
constexpr size_t vector_size = 256;

std::vector<float> embed(const std::string & text, bool normalize);

}  // namespace backend
