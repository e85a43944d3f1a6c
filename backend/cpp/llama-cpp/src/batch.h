// Tokens of one sequence that are computed in one step.
#pragma once

#include <llama.h>

#include <cstddef>

namespace serving {

class Batch {
public:
    explicit Batch(size_t capacity) : raw_(llama_batch_init(static_cast<int32_t>(capacity), 0, 1)) {}
    ~Batch() { llama_batch_free(raw_); }
    Batch(const Batch &) = delete;
    Batch & operator=(const Batch &) = delete;

    const llama_batch & raw() const { return raw_; }

    void clear() { raw_.n_tokens = 0; }

    void add(llama_token token, size_t position, bool wants_output) {
        const int32_t at = raw_.n_tokens++;
        raw_.token[at] = token;
        raw_.pos[at] = static_cast<llama_pos>(position);
        raw_.n_seq_id[at] = 1;
        raw_.seq_id[at][0] = 0;
        raw_.logits[at] = wants_output ? 1 : 0;
    }

private:
    llama_batch raw_;
};

}  // namespace serving
