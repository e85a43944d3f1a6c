// One request for text on its way through the scheduler.
#pragma once

#include "logprobs.h"
#include "prompt.h"
#include "sampler.h"
#include "stop_words.h"
#include "usage.h"
#include "utf8.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace serving {

enum class Finish { end, stop_word, length };

// How a job ended: an error, or an answer with its particulars.
struct Outcome {
    static Outcome failure(::grpc::Status why) {
        Outcome outcome;
        outcome.status = std::move(why);
        return outcome;
    }

    ::grpc::Status status;
    Finish finish = Finish::end;
    std::optional<std::string> stop_word;
    Usage usage;
};

// Who waits for the text. Called by one thread at a time; nothing is called after finished().
class Listener {
public:
    virtual ~Listener() = default;
    // Valid UTF-8, not empty; and what was used so far.
    virtual void text(const std::string & text, const Usage & usage) = 0;
    virtual void finished(const Outcome & outcome) = 0;
};

using Clock = std::chrono::steady_clock;

inline double milliseconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

struct Job {
    Job(Prompt what_to_read, Sampler token_sampler, std::vector<std::string> stop, uint32_t limit, Listener & who)
        : prompt(std::move(what_to_read)),
          sampler(std::move(token_sampler)),
          stop_words(std::move(stop)),
          max_tokens(limit),
          listener(who) {}

    bool ends_with(const std::string & word) const { return std::find(ends.begin(), ends.end(), word) != ends.end(); }

    Prompt prompt;
    Sampler sampler;
    Utf8Assembler utf8;
    StopWords stop_words;
    // Those of the stop words that end an answer as the model's own tokens do.
    std::vector<std::string> ends;
    uint32_t max_tokens;
    // Tokens to guess ahead at once; 0: none.
    uint32_t guesses = 0;
    bool ignore_eos = false;
    // None where nobody asked for them.
    std::unique_ptr<Logprobs> logprobs;
    Usage usage;
    // Time of the processor that the choice of tokens took.
    std::chrono::nanoseconds choosing{0};
    Listener & listener;
    // Set by anyone at any time; the scheduler looks at it before each step.
    std::atomic<bool> cancelled{false};
    Clock::time_point submitted = Clock::now();
};

}  // namespace serving
