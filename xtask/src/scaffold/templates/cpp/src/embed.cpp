#include "embed.h"

#include <cmath>

namespace serving {

std::vector<float> embed(const std::string & text) {
    std::vector<float> vector(vector_size);
    for (const char byte : text) {
        vector[static_cast<unsigned char>(byte)] += 1;
    }
    float squares = 0;
    for (const float number : vector) {
        squares += number * number;
    }
    if (squares > 0) {
        for (float & number : vector) {
            number /= std::sqrt(squares);
        }
    }
    return vector;
}

}  // namespace serving
