// Runs many requests on one context: one thread, one slot (a sequence of the context) for each running request, and
// one batch for each step that holds the next tokens of all of them.
#pragma once

#include "batch.h"
#include "drafter.h"
#include "job.h"
#include "media.h"
#include "metrics.h"
#include "slot.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace serving {

struct Load {
    uint32_t total = 0;
    uint32_t busy = 0;
    uint32_t queued = 0;
};

// A context for as many sequences as there are slots, or nothing if the model generates no text. Throws Failure if it does
// not fit into memory.
ContextPtr make_generation_context(const Model & model, const LoadOptions & options);

class Scheduler {
public:
    // `context` comes from make_generation_context; `model`, and `media` and `drafter`, which may be none, must outlive the
    // scheduler.
    Scheduler(const Model & model, const Media * media, Drafter * drafter, ContextPtr context, const LoadOptions & options, Metrics & metrics);
    ~Scheduler();
    Scheduler(const Scheduler &) = delete;
    Scheduler & operator=(const Scheduler &) = delete;

    // Throws Failure if the queue is full or the scheduler has stopped; else the job's listener will hear of it.
    void submit(std::shared_ptr<Job> job);

    // Ends every job with CANCELLED and the thread with them. Afterwards the context is freed.
    void stop();

    Load load() const;

private:
    void run();
    bool wait_for_work();
    void admit();
    void drop_cancelled();
    void step();
    void read_media(Slot & slot, const mtmd_input_chunk * chunk);
    void guess();
    void fill_batch();
    void add_token(Slot & slot, llama_token token, bool wants_logits);
    void take_logits();
    void take_logits(Slot & slot);
    std::optional<llama_token> sample(Job & job, int32_t output);
    void fail_batch(::grpc::StatusCode code, const std::string & message);
    void advance(Slot & slot, std::optional<llama_token> token, const float * logits);
    void close(Slot & slot, Outcome outcome);
    void count(const Outcome & outcome);

    const Model & model_;
    const Media * const media_;
    Drafter * const drafter_;
    Metrics & metrics_;
    const uint32_t queue_limit_;
    ContextPtr context_;
    uint32_t context_length_;

    // Touched by the thread alone.
    Batch batch_;
    std::vector<Slot> slots_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Job>> queue_;
    uint32_t busy_ = 0;
    std::atomic<bool> stopping_{false};
    std::mutex stop_mutex_;
    std::thread thread_;
};

}  // namespace serving
