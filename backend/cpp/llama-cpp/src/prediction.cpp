#include "prediction.h"

#include "percent.h"

#include <cstdio>
#include <utility>

namespace serving {
namespace {

const char * reason(Finish finish) {
    switch (finish) {
        case Finish::end: return "stop";
        case Finish::stop_word: return "stop-word";
        case Finish::length: return "length";
    }
    return "";
}

}  // namespace

void Prediction::fill(wire::Reply & reply, const std::string & text, const Usage & usage) const {
    reply.set_message(text);
    reply.set_tokens(static_cast<int32_t>(usage.completion_tokens));
    reply.set_prompt_tokens(static_cast<int32_t>(usage.prompt_tokens));
    reply.set_timing_prompt_processing(usage.prompt_ms);
    reply.set_timing_token_generation(usage.completion_ms);
    if (chat_ && !text.empty()) {
        reply.add_chat_deltas()->set_content(text);
    }
}

void Prediction::tell_end(const Outcome & outcome) {
    if (!outcome.status.ok()) {
        return;
    }
    char queue_ms[32];
    std::snprintf(queue_ms, sizeof(queue_ms), "%.3f", outcome.usage.queue_ms);
    context_.AddTrailingMetadata("finish-reason", reason(outcome.finish));
    context_.AddTrailingMetadata("seed", std::to_string(outcome.usage.seed));
    context_.AddTrailingMetadata("queue-ms", queue_ms);
    if (outcome.stop_word) {
        context_.AddTrailingMetadata("stop-word", percent_encoded(*outcome.stop_word));
    }
}

void Prediction::set_job(std::shared_ptr<Job> job) {
    const std::lock_guard lock(job_mutex_);
    job->cancelled = cancelled_;
    job_ = std::move(job);
}

void Prediction::cancel() {
    const std::lock_guard lock(job_mutex_);
    cancelled_ = true;
    if (job_) {
        job_->cancelled = true;
    }
}

void WholePrediction::finished(const Outcome & outcome) {
    if (outcome.status.ok()) {
        fill(reply_, text_, outcome.usage);
    }
    tell_end(outcome);
    Finish(outcome.status);
}

void StreamedPrediction::text(const std::string & text, const Usage & usage) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ += text;
        usage_ = usage;
    }
    go_on();
}

void StreamedPrediction::finished(const Outcome & outcome) {
    {
        const std::lock_guard lock(mutex_);
        outcome_ = outcome;
        usage_ = outcome.usage;
    }
    go_on();
}

void StreamedPrediction::OnWriteDone(bool ok) {
    {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        broken_ = broken_ || !ok;
    }
    if (!ok) {
        cancel();
    }
    go_on();
}

// Starts what can be started: the next reply, or the end. Nothing may touch `this` after Finish, so the decision is made
// under the lock and carried out after it.
void StreamedPrediction::go_on() {
    std::optional<::grpc::Status> end;
    {
        const std::lock_guard lock(mutex_);
        if (writing_ || closed_) {
            return;
        }
        const bool failed = outcome_ && !outcome_->status.ok();
        if (broken_ && outcome_) {
            end = failed ? outcome_->status : ::grpc::Status(::grpc::StatusCode::CANCELLED, "the caller went away");
        } else if (failed || last_sent_) {
            end = outcome_->status;
        } else if (broken_ || (waiting_.empty() && !outcome_)) {
            return;
        } else {
            reply_.Clear();
            fill(reply_, std::exchange(waiting_, {}), usage_);
            // The last reply has the totals, even where no text is left.
            last_sent_ = outcome_.has_value();
            writing_ = true;
        }
        closed_ = end.has_value();
    }
    if (end) {
        tell_end(*outcome_);
        Finish(*end);
    } else {
        StartWrite(&reply_);
    }
}

}  // namespace serving
