// Tokens that are computed in one step.
#pragma once

#include <llama.h>

#include <cstddef>

namespace serving {

class Batch {
public:
    explicit Batch(size_t capacity) : raw_(llama_batch_init(static_cast<int32_t>(capacity), 0, 1)), capacity_(capacity) {}
    ~Batch() { llama_batch_free(raw_); }
    Batch(const Batch &) = delete;
    Batch & operator=(const Batch &) = delete;

    const llama_batch & raw() const { return raw_; }
    bool empty() const { return raw_.n_tokens == 0; }
    size_t room() const { return capacity_ - static_cast<size_t>(raw_.n_tokens); }

    void clear() { raw_.n_tokens = 0; }

    // There must be room. Answers its place.
    int32_t add(llama_token token, size_t position, bool wants_output, llama_seq_id sequence = 0) {
        const int32_t at = raw_.n_tokens++;
        raw_.token[at] = token;
        raw_.pos[at] = static_cast<llama_pos>(position);
        raw_.n_seq_id[at] = 1;
        raw_.seq_id[at][0] = sequence;
        raw_.logits[at] = wants_output ? 1 : 0;
        return at;
    }

private:
    llama_batch raw_;
    size_t capacity_;
};

}  // namespace serving
