#include "prediction.h"

#include "chat_answer.h"
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

// All of them in one delta, as the contract's callers join them again. The content is the reply's text, too.
void tell(const std::vector<common_chat_msg_diff> & diffs, wire::Reply & reply) {
    if (diffs.empty()) {
        return;
    }
    wire::ChatDelta & delta = *reply.add_chat_deltas();
    for (const common_chat_msg_diff & diff : diffs) {
        delta.mutable_content()->append(diff.content_delta);
        delta.mutable_reasoning_content()->append(diff.reasoning_content_delta);
        if (diff.tool_call_index == std::string::npos) {
            continue;
        }
        wire::ToolCallDelta & call = *delta.add_tool_calls();
        call.set_index(static_cast<int32_t>(diff.tool_call_index));
        call.set_id(diff.tool_call_delta.id);
        call.set_name(diff.tool_call_delta.name);
        call.set_arguments(diff.tool_call_delta.arguments);
    }
    reply.set_message(delta.content());
}

}  // namespace

Prediction::Prediction(::grpc::CallbackServerContext & context, Teller & teller) : teller_(teller), context_(context) {}

Prediction::~Prediction() = default;

void Prediction::tell_apart(ChatAnswer answer) {
    chat_ = std::make_unique<ChatAnswer>(std::move(answer));
}

bool Prediction::fill(wire::Reply & reply, const std::string & text, const Usage & usage, bool last) {
    if (chat_) {
        serving::tell(chat_->feed(text, last), reply);
    } else {
        reply.set_message(text);
    }
    if (reply.message().empty() && reply.chat_deltas().empty() && !last) {
        return false;
    }
    reply.set_tokens(static_cast<int32_t>(usage.completion_tokens));
    reply.set_prompt_tokens(static_cast<int32_t>(usage.prompt_tokens));
    reply.set_timing_prompt_processing(usage.prompt_ms);
    reply.set_timing_token_generation(usage.completion_ms);
    if (job_ && job_->logprobs) {
        reply.set_logprobs(job_->logprobs->take());
    }
    return true;
}

void Prediction::close(const Outcome & outcome) {
    teller_.forget(*this);
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
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
    teller_.wake(*this);
}

void WholePrediction::tell() {
    // Taken once, since finished() holds it until it has woken the teller.
    { const std::lock_guard lock(mutex_); }
    if (outcome_->status.ok()) {
        fill(reply_, text_, outcome_->usage, true);
    }
    close(*outcome_);
    Finish(outcome_->status);
}

void StreamedPrediction::text(const std::string & text, const Usage & usage) {
    const std::lock_guard lock(mutex_);
    waiting_ += text;
    usage_ = usage;
    teller_.wake(*this);
}

void StreamedPrediction::finished(const Outcome & outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = outcome;
    usage_ = outcome.usage;
    teller_.wake(*this);
}

void StreamedPrediction::OnWriteDone(bool ok) {
    if (!ok) {
        cancel();
    }
    const std::lock_guard lock(mutex_);
    writing_ = false;
    broken_ = broken_ || !ok;
    teller_.wake(*this);
}

// Starts what can be started: the next reply, or the end. Nothing may touch `this` after Finish.
void StreamedPrediction::tell() {
    std::string text;
    Usage usage;
    {
        const std::lock_guard lock(mutex_);
        const bool failed = outcome_ && !outcome_->status.ok();
        if (writing_) {
            return;
        }
        if (outcome_ && (broken_ || failed || last_sent_)) {
            closed_ = true;
        } else if (broken_ || (waiting_.empty() && !outcome_)) {
            return;
        } else {
            text = std::exchange(waiting_, {});
            usage = usage_;
            // The last reply has the totals, even where no text is left.
            last_sent_ = outcome_.has_value();
            writing_ = true;
        }
    }
    if (closed_) {
        close(*outcome_);
        const bool gone = broken_ && outcome_->status.ok();
        Finish(gone ? ::grpc::Status(::grpc::StatusCode::CANCELLED, "the caller went away") : outcome_->status);
        return;
    }
    reply_.Clear();
    if (fill(reply_, text, usage, last_sent_)) {
        StartWrite(&reply_);
        return;
    }
    // Nothing can be told yet: a mark of the model's, or a call whose name is not sure.
    const std::lock_guard lock(mutex_);
    writing_ = false;
}

}  // namespace serving
