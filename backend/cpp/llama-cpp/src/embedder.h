// Turns texts into vectors, on a context of its own, which is made when the first text comes.
#pragma once

#include "model.h"

#include <functional>
#include <mutex>
#include <vector>

namespace serving {

// `count` vectors of one size, one after the other: one for the text, or one for each of its tokens.
struct Vectors {
    std::vector<float> values;
    size_t count = 1;
    bool of_tokens = false;
};

class Embedder {
public:
    // `model` must outlive the embedder.
    Embedder(const Model & model, const LoadOptions & options) : model_(model), options_(options) {}

    // Throws Failure. Asks `go_on` when its turn comes and ends with CANCELLED when that is false.
    Vectors embed(const Tokens & text, const std::function<bool()> & go_on);

    // How well a text fits that a ranking model reads: the first number that it gives for it.
    float rank(const Tokens & text, const std::function<bool()> & go_on);

    // Whether it ranks texts, and so has no vectors of them.
    bool ranks() const;

    // Frees the context; whoever calls embed() afterwards gets CANCELLED.
    void stop();

private:
    Vectors compute(const Tokens & text, const std::function<bool()> & go_on);
    void make_room(uint32_t tokens);
    void make_context(enum llama_pooling_type pooling);
    void decode(const Tokens & tokens);

    const Model & model_;
    const LoadOptions options_;
    std::mutex mutex_;
    bool stopped_ = false;
    ContextPtr context_;
    uint32_t capacity_ = 0;
};

}  // namespace serving
