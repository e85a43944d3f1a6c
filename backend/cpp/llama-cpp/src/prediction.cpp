#include "prediction.h"

#include <utility>

namespace backend {
namespace {

v1::FinishReason reason(Finish finish) {
    switch (finish) {
        case Finish::end: return v1::FINISH_REASON_END;
        case Finish::stop_word: return v1::FINISH_REASON_STOP_WORD;
        case Finish::length: return v1::FINISH_REASON_LENGTH;
    }
    return v1::FINISH_REASON_UNSPECIFIED;
}

// The particulars have the same names in PredictResponse and in PredictChunk.
template <typename Message>
void fill(Message & message, const Outcome & outcome) {
    message.set_finish_reason(reason(outcome.finish));
    message.set_stop_word(outcome.stop_word.value_or(""));
    v1::Usage & usage = *message.mutable_usage();
    usage.set_prompt_tokens(outcome.usage.prompt_tokens);
    usage.set_completion_tokens(outcome.usage.completion_tokens);
    usage.set_queue_ms(outcome.usage.queue_ms);
    usage.set_prompt_ms(outcome.usage.prompt_ms);
    usage.set_completion_ms(outcome.usage.completion_ms);
    usage.set_seed(outcome.usage.seed);
}

}  // namespace

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
        fill(response_, outcome);
    }
    Finish(outcome.status);
}

void StreamedPrediction::text(const std::string & text) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ += text;
    }
    go_on();
}

void StreamedPrediction::finished(const Outcome & outcome) {
    {
        const std::lock_guard lock(mutex_);
        outcome_ = outcome;
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

// Starts what can be started: the next chunk, or the end. Nothing may touch `this` after Finish, so the decision is made
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
            chunk_.Clear();
            chunk_.set_text(std::exchange(waiting_, {}));
            if (outcome_) {
                chunk_.set_done(true);
                fill(chunk_, *outcome_);
                last_sent_ = true;
            }
            writing_ = true;
        }
        closed_ = end.has_value();
    }
    if (end) {
        Finish(*end);
    } else {
        StartWrite(&chunk_);
    }
}

}  // namespace backend
