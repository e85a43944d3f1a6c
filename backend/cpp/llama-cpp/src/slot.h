// One sequence of the context and the job that runs in it.
#pragma once

#include "job.h"

namespace serving {

struct Slot {
    llama_seq_id sequence = 0;
    // None while the slot is free.
    std::shared_ptr<Job> job;
    // Tokens of the prompt that the context holds.
    uint32_t read = 0;
    // Of the next token. That of an image moves it less than its tokens are.
    llama_pos position = 0;
    // Sampled, and not decoded yet.
    std::optional<llama_token> next;
    // What was read and said, where somebody guesses what follows, and the guesses.
    Tokens said;
    Tokens guesses;
    // Tokens of this slot in the current batch, and where in it the logits are that the next token is sampled from; those
    // after the guesses follow.
    uint32_t batched = 0;
    int32_t output = -1;
    Clock::time_point started;
    Clock::time_point first_token;

    bool reads_prompt() const { return job && read < job->prompt.tokens.size(); }

    // The image or sound that comes next, if one does.
    const mtmd_input_chunk * next_media() const {
        const auto found = job ? job->prompt.media.find(read) : std::map<size_t, mtmd::input_chunk_ptr>::const_iterator();
        return job && found != job->prompt.media.end() ? found->second.get() : nullptr;
    }

    void begin(std::shared_ptr<Job> with) {
        job = std::move(with);
        read = 0;
        position = 0;
        next.reset();
        said = job->prompt.tokens;
        guesses.clear();
        batched = 0;
        output = -1;
        started = Clock::now();
    }
};

}  // namespace serving
