// Unit tests of embed.cpp.
#include "embed.h"

#include <cmath>
#include <cstdio>

namespace {

int failures = 0;

void check(bool holds, const char * what) {
    if (!holds) {
        std::fprintf(stderr, "failed: %s\n", what);
        ++failures;
    }
}

}  // namespace

int main() {
    const auto counted = serving::embed("aab");
    check(counted.size() == serving::vector_size, "the size of a vector");
    check(std::abs(counted['a'] - 2 * counted['b']) < 1e-6 && counted['b'] > 0 && counted['c'] == 0, "bytes are counted");
    float squares = 0;
    for (const float number : serving::embed("some text")) {
        squares += number * number;
    }
    check(std::abs(squares - 1) < 1e-5, "length is one");
    return failures == 0 ? 0 : 1;
}
