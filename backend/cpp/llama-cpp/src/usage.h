// What one request used.
#pragma once

#include <cstdint>

namespace serving {

struct Usage {
    uint32_t prompt_tokens = 0;
    uint32_t completion_tokens = 0;
    double queue_ms = 0;
    double prompt_ms = 0;
    double completion_ms = 0;
    uint32_t seed = 0;
};

}  // namespace serving
