// Tells how likely a model finds a text, on a context of its own, which is made when the first text comes.
#pragma once

#include "model.h"

#include <functional>
#include <mutex>
#include <vector>

namespace serving {

class Scorer {
public:
    // `model` must outlive the scorer.
    Scorer(const Model & model, const LoadOptions & options) : model_(model), options_(options) {}

    // The logarithm of the probability of each token from number `first` on, given those before it; `first` is at least
    // 1. Throws Failure. Asks `go_on` before each step and ends with CANCELLED when that is false.
    std::vector<double> score(const Tokens & text, size_t first, const std::function<bool()> & go_on);

    // Frees the context; whoever calls score() afterwards gets CANCELLED.
    void stop();

private:
    void make_room(uint32_t tokens);

    const Model & model_;
    const LoadOptions options_;
    std::mutex mutex_;
    bool stopped_ = false;
    ContextPtr context_;
    uint32_t capacity_ = 0;
};

}  // namespace serving
