// One step of the scheduler: what is read and chosen together.
#include "scheduler.h"

#include "failure.h"
#include "log.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace serving {
namespace {

// What a request may take of the processor to choose its tokens, while everybody else waits: so much, and more for each.
constexpr auto time_to_choose = std::chrono::seconds(2);
constexpr auto time_to_choose_one = std::chrono::milliseconds(20);

// Of this thread: on a busy machine nobody is blamed for the others.
std::chrono::nanoseconds processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void Scheduler::step() {
    for (Slot & slot : slots_) {
        if (const mtmd_input_chunk * chunk = slot.next_media()) {
            read_media(slot, chunk);
        }
    }
    guess();
    fill_batch();
    if (batch_.empty()) {
        return;
    }
    ErrorCapture errors;
    try {
        const int32_t result = llama_decode(context_.get(), batch_.raw());
        if (result == 0) {
            take_logits();
        } else if (stopping_) {
            // The step was cut short, and run() ends every job.
            errors.discard();
        } else if (result == 1) {
            fail_batch(::grpc::StatusCode::RESOURCE_EXHAUSTED, "the context has no room for this request");
        } else {
            fail_batch(::grpc::StatusCode::INTERNAL, "llama.cpp could not compute a step: " + errors.text());
        }
    } catch (const std::exception & error) {
        fail_batch(::grpc::StatusCode::INTERNAL, std::string("llama.cpp could not compute a step: ") + error.what());
    }
}

void Scheduler::read_media(Slot & slot, const mtmd_input_chunk * chunk) {
    try {
        slot.position = media_->read(context_.get(), chunk, slot.position, slot.sequence,
                                     llama_n_batch(context_.get()));
        slot.read += static_cast<uint32_t>(mtmd_input_chunk_get_n_tokens(chunk));
    } catch (const Failure & failure) {
        // When it was cut short, run() ends every job.
        if (!stopping_) {
            close(slot, Outcome::failure({failure.code(), failure.what()}));
        }
    }
}

void Scheduler::guess() {
    std::vector<Wish> wishes;
    for (Slot & slot : slots_) {
        slot.guesses.clear();
        if (drafter_ == nullptr || !slot.job || !slot.next || slot.job->guesses == 0) {
            continue;
        }
        // So that neither the answer nor the batch has too many; the context has room for the whole answer.
        const uint32_t left = slot.job->max_tokens - slot.job->usage.completion_tokens - 1;
        const auto share = static_cast<uint32_t>(llama_n_batch(context_.get()) / slots_.size()) - 1;
        wishes.push_back({slot.sequence, &slot.said, std::min({slot.job->guesses, left, share}), {}});
    }
    if (wishes.empty()) {
        return;
    }
    drafter_->guess(wishes);
    for (Wish & wish : wishes) {
        metrics_.drafted_tokens += wish.guesses.size();
        slots_[static_cast<size_t>(wish.sequence)].guesses = std::move(wish.guesses);
    }
}

void Scheduler::fill_batch() {
    batch_.clear();
    for (Slot & slot : slots_) {
        slot.batched = 0;
        slot.output = -1;
    }
    // Answers first, one token each, so that a long prompt does not stall them; prompts take the rest.
    for (Slot & slot : slots_) {
        if (slot.job && slot.next) {
            add_token(slot, *slot.next, true);
            for (const llama_token guess : slot.guesses) {
                add_token(slot, guess, true);
            }
        }
    }
    for (Slot & slot : slots_) {
        if (!slot.reads_prompt()) {
            continue;
        }
        const Tokens & prompt = slot.job->prompt.tokens;
        for (size_t at = slot.read; at < prompt.size() && prompt[at] != LLAMA_TOKEN_NULL && batch_.room() > 0; ++at) {
            add_token(slot, prompt[at], at + 1 == prompt.size());
        }
    }
}

void Scheduler::add_token(Slot & slot, llama_token token, bool wants_logits) {
    const int32_t at = batch_.add(token, static_cast<size_t>(slot.position) + slot.batched, wants_logits, slot.sequence);
    ++slot.batched;
    if (wants_logits && slot.output < 0) {
        slot.output = at;
    }
}

void Scheduler::take_logits() {
    for (Slot & slot : slots_) {
        if (!slot.job || slot.batched == 0) {
            continue;
        }
        slot.read += slot.reads_prompt() ? slot.batched : 0;
        slot.position += static_cast<llama_pos>(slot.batched - slot.guesses.size());
        slot.next.reset();
        if (slot.output < 0) {
            continue;
        }
        try {
            take_logits(slot);
        } catch (const Failure & failure) {
            close(slot, Outcome::failure({failure.code(), failure.what()}));
        } catch (const std::exception & error) {
            close(slot, Outcome::failure({::grpc::StatusCode::INTERNAL, std::string("sampling failed: ") + error.what()}));
        }
    }
}

std::optional<llama_token> Scheduler::sample(Job & job, int32_t output) {
    // A device computes on after `llama_decode`, and waiting for it is no choice.
    llama_synchronize(context_.get());
    const auto before = processor_time();
    const auto token = job.sampler.sample(context_.get(), output);
    job.choosing += processor_time() - before;
    if (job.choosing > time_to_choose + time_to_choose_one * job.usage.completion_tokens) {
        throw resource_exhausted("the choice of tokens takes too long, while everybody else waits; too many ways lead through "
                                 "the grammar");
    }
    return token;
}

// Each guess that is what the sampler chooses saves a step; with the first that is not, those after it are taken back.
void Scheduler::take_logits(Slot & slot) {
    for (size_t i = 0;; ++i) {
        const int32_t output = slot.output + static_cast<int32_t>(i);
        const auto token = sample(*slot.job, output);
        advance(slot, token, llama_get_logits_ith(context_.get(), output));
        if (!slot.next) {
            return;
        }
        if (i == slot.guesses.size() || *slot.next != slot.guesses[i]) {
            break;
        }
        ++slot.position;
        ++metrics_.accepted_tokens;
    }
    if (!slot.guesses.empty()) {
        llama_memory_seq_rm(llama_get_memory(context_.get()), slot.sequence, slot.position, -1);
    }
}

void Scheduler::fail_batch(::grpc::StatusCode code, const std::string & message) {
    for (Slot & slot : slots_) {
        if (slot.job && slot.batched > 0) {
            close(slot, Outcome::failure({code, message}));
        }
    }
}

void Scheduler::advance(Slot & slot, std::optional<llama_token> token, const float * logits) {
    Job & job = *slot.job;
    const auto now = Clock::now();
    if (job.usage.completion_tokens == 0) {
        slot.first_token = now;
        job.usage.prompt_ms = milliseconds(slot.started, now);
    }
    job.usage.completion_ms = milliseconds(slot.first_token, now);
    std::string text;
    std::optional<Finish> finish;
    if (!token || (!job.ignore_eos && llama_vocab_is_eog(model_.vocab(), *token))) {
        finish = Finish::end;
    } else {
        if (job.logprobs) {
            job.logprobs->add(model_, logits, *token);
        }
        ++job.usage.completion_tokens;
        text += job.stop_words.feed(job.utf8.feed(model_.piece(*token, job.sampler.shows(*token))));
        if (!job.stop_words.found() && job.usage.completion_tokens >= job.max_tokens) {
            finish = Finish::length;
        }
    }
    if (finish) {
        text += job.stop_words.feed(job.utf8.finish());
        text += job.stop_words.finish();
    }
    if (const auto & word = job.stop_words.found()) {
        finish = job.ends_with(*word) ? Finish::end : Finish::stop_word;
    }
    if (!text.empty()) {
        job.listener.text(text, job.usage);
    }
    if (!finish) {
        slot.next = token;
        slot.said.push_back(*token);
        return;
    }
    Outcome outcome;
    outcome.finish = *finish;
    if (finish == Finish::stop_word) {
        outcome.stop_word = job.stop_words.found();
    }
    close(slot, outcome);
}

}  // namespace serving
