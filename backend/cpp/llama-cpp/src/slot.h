// One sequence of the context and the job that runs in it.
#pragma once

#include "job.h"

namespace serving {

struct Slot {
    llama_seq_id sequence = 0;
    // None while the slot is free.
    std::shared_ptr<Job> job;
    // Tokens of this sequence that the context holds.
    uint32_t position = 0;
    // Sampled, and not decoded yet.
    std::optional<llama_token> next;
    // Tokens of this slot in the current batch, and where in it the logits are that the next token is sampled from.
    uint32_t batched = 0;
    int32_t output = -1;
    Clock::time_point started;
    Clock::time_point first_token;

    bool reads_prompt() const { return job && position < job->prompt.size(); }

    void begin(std::shared_ptr<Job> with) {
        job = std::move(with);
        position = 0;
        next.reset();
        batched = 0;
        output = -1;
        started = Clock::now();
    }
};

}  // namespace serving
