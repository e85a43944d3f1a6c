// What the requests used: sums since the process started, and the last one that was answered.
#pragma once

#include "usage.h"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace serving {

struct LastRequest {
    uint32_t slot = 0;
    Usage usage;
};

struct Metrics {
    std::atomic<uint64_t> requests{0};
    std::atomic<uint64_t> requests_failed{0};
    std::atomic<uint64_t> requests_cancelled{0};
    std::atomic<uint64_t> prompt_tokens{0};
    std::atomic<uint64_t> completion_tokens{0};
    // Tokens that a draft model guessed, and those of them that the model said as well.
    std::atomic<uint64_t> drafted_tokens{0};
    std::atomic<uint64_t> accepted_tokens{0};
    std::atomic<uint64_t> prompt_microseconds{0};
    std::atomic<uint64_t> completion_microseconds{0};

    void remember(const LastRequest & request) {
        const std::lock_guard lock(mutex_);
        last_ = request;
    }

    // Zeros where there was none.
    LastRequest last() const {
        const std::lock_guard lock(mutex_);
        return last_;
    }

private:
    mutable std::mutex mutex_;
    LastRequest last_;
};

}  // namespace serving
