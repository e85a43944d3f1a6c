#include "scheduler.h"

#include "failure.h"
#include "log.h"

#include <algorithm>
#include <utility>

namespace serving {
namespace {

Outcome cancelled(const std::string & why) {
    return Outcome::failure({::grpc::StatusCode::CANCELLED, why});
}

}  // namespace

ContextPtr make_generation_context(const Model & model, const LoadOptions & options) {
    if (!model.generates()) {
        return nullptr;
    }
    const uint32_t length = model.context_length(options);
    llama_context_params parameters = context_parameters(options);
    parameters.n_ctx = length * options.parallel;
    parameters.n_seq_max = options.parallel;
    parameters.n_batch = std::max(options.batch_size, options.parallel);
    parameters.n_ubatch = parameters.n_batch;
    ContextPtr context = model.make_context(
        parameters, "no context of " + std::to_string(options.parallel) + " x " + std::to_string(length) +
                        " tokens could be made; try a smaller ContextSize or parallel");
    // Models for embeddings alone, such as BERT, have none.
    return llama_get_memory(context.get()) == nullptr ? nullptr : std::move(context);
}

Scheduler::Scheduler(const Model & model, const Media * media, Drafter * drafter, ContextPtr context, const LoadOptions & options, Metrics & metrics)
    : model_(model),
      media_(media),
      drafter_(drafter),
      metrics_(metrics),
      queue_limit_(options.queue_limit),
      context_(std::move(context)),
      // The context rounds its length up.
      context_length_(std::min(model.context_length(options), llama_n_ctx_seq(context_.get()))),
      batch_(llama_n_batch(context_.get())),
      slots_(options.parallel) {
    for (size_t i = 0; i < slots_.size(); ++i) {
        slots_[i].sequence = static_cast<llama_seq_id>(i);
    }
    // Lets stop() cut a long step short.
    llama_set_abort_callback(
        context_.get(), [](void * flag) { return static_cast<std::atomic<bool> *>(flag)->load(); }, &stopping_);
    thread_ = std::thread([this] { run(); });
}

Scheduler::~Scheduler() {
    stop();
}

void Scheduler::submit(std::shared_ptr<Job> job) {
    const size_t length = job->prompt.tokens.size();
    if (length >= context_length_) {
        throw resource_exhausted("the prompt has " + std::to_string(length) +
                                 " tokens, but the context has room for " + std::to_string(context_length_) +
                                 " with the answer; shorten it or load the model with a larger ContextSize");
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            throw Failure(::grpc::StatusCode::CANCELLED, "the model is being unloaded");
        }
        if (busy_ + queue_.size() >= slots_.size() + queue_limit_) {
            throw resource_exhausted("all " + std::to_string(slots_.size()) + " slots are busy and " +
                                     std::to_string(queue_.size()) + " requests wait already; try again later");
        }
        const auto room = static_cast<uint32_t>(context_length_ - length);
        job->max_tokens = std::min(job->max_tokens, room);
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void Scheduler::stop() {
    const std::lock_guard only_one(stop_mutex_);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
    context_.reset();
}

Load Scheduler::load() const {
    const std::lock_guard lock(mutex_);
    return {static_cast<uint32_t>(slots_.size()), busy_, static_cast<uint32_t>(queue_.size())};
}

void Scheduler::run() {
    while (wait_for_work()) {
        drop_cancelled();
        admit();
        step();
    }
    for (Slot & slot : slots_) {
        if (slot.job) {
            close(slot, cancelled("the model was unloaded"));
        }
    }
    std::deque<std::shared_ptr<Job>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(queue_);
    }
    for (const auto & job : waiting) {
        const Outcome outcome = cancelled("the model was unloaded");
        count(outcome);
        job->listener.finished(outcome);
    }
}

bool Scheduler::wait_for_work() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || busy_ > 0 || !queue_.empty(); });
    return !stopping_;
}

void Scheduler::drop_cancelled() {
    for (Slot & slot : slots_) {
        if (slot.job && slot.job->cancelled) {
            close(slot, cancelled("the caller cancelled the request"));
        }
    }
    std::vector<std::shared_ptr<Job>> dropped;
    {
        const std::lock_guard lock(mutex_);
        const auto first =
            std::stable_partition(queue_.begin(), queue_.end(), [](const auto & job) { return !job->cancelled; });
        dropped.assign(first, queue_.end());
        queue_.erase(first, queue_.end());
    }
    for (const auto & job : dropped) {
        const Outcome outcome = cancelled("the caller cancelled the request");
        count(outcome);
        job->listener.finished(outcome);
    }
}

void Scheduler::admit() {
    const std::lock_guard lock(mutex_);
    for (Slot & slot : slots_) {
        if (queue_.empty()) {
            return;
        }
        if (!slot.job) {
            slot.begin(std::move(queue_.front()));
            slot.job->usage.prompt_tokens = static_cast<uint32_t>(slot.job->prompt.tokens.size());
            slot.job->usage.queue_ms = milliseconds(slot.job->submitted, slot.started);
            queue_.pop_front();
            ++busy_;
        }
    }
}

void Scheduler::close(Slot & slot, Outcome outcome) {
    const std::shared_ptr<Job> job = std::move(slot.job);
    slot.job.reset();
    slot.next.reset();
    // Removing a whole sequence never fails.
    llama_memory_seq_rm(llama_get_memory(context_.get()), slot.sequence, -1, -1);
    {
        const std::lock_guard lock(mutex_);
        --busy_;
    }
    if (job->usage.completion_tokens == 0) {
        job->usage.prompt_ms = milliseconds(slot.started, Clock::now());
    }
    outcome.usage = job->usage;
    if (outcome.status.ok()) {
        metrics_.remember({static_cast<uint32_t>(slot.sequence), job->usage});
    }
    count(outcome);
    job->listener.finished(outcome);
}

void Scheduler::count(const Outcome & outcome) {
    if (outcome.status.error_code() == ::grpc::StatusCode::CANCELLED) {
        ++metrics_.requests_cancelled;
    } else if (!outcome.status.ok()) {
        ++metrics_.requests_failed;
    }
    metrics_.prompt_tokens += outcome.usage.prompt_tokens;
    metrics_.completion_tokens += outcome.usage.completion_tokens;
    metrics_.prompt_microseconds += static_cast<uint64_t>(outcome.usage.prompt_ms * 1000);
    metrics_.completion_microseconds += static_cast<uint64_t>(outcome.usage.completion_ms * 1000);
}

}  // namespace serving
