// Sums since the process started.
#pragma once

#include <atomic>
#include <cstdint>

namespace backend {

struct Metrics {
    std::atomic<uint64_t> requests{0};
    std::atomic<uint64_t> requests_failed{0};
    std::atomic<uint64_t> requests_cancelled{0};
    std::atomic<uint64_t> prompt_tokens{0};
    std::atomic<uint64_t> completion_tokens{0};
    std::atomic<uint64_t> prompt_microseconds{0};
    std::atomic<uint64_t> completion_microseconds{0};
};

}  // namespace backend
