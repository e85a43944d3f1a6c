// Turns texts into vectors, on a context of its own, which is made when the first text comes.
#pragma once

#include "model.h"

#include <functional>
#include <mutex>
#include <vector>

namespace backend {

class Embedder {
public:
    // `model` must outlive the embedder.
    Embedder(const Model & model, const LoadOptions & options) : model_(model), options_(options) {}

    // One vector for each text, of length 1 if `normalize`. Throws Failure. Asks `go_on` before each text and ends with
    // CANCELLED when that is false.
    std::vector<std::vector<float>> embed(const std::vector<Tokens> & texts, bool normalize,
                                          const std::function<bool()> & go_on);

    // Frees the context; whoever calls embed() afterwards gets CANCELLED.
    void stop();

private:
    void make_room(uint32_t tokens);
    void make_context(enum llama_pooling_type pooling);
    std::vector<float> embed_one(const Tokens & tokens);

    const Model & model_;
    const LoadOptions options_;
    std::mutex mutex_;
    bool stopped_ = false;
    ContextPtr context_;
    uint32_t capacity_ = 0;
};

}  // namespace backend
