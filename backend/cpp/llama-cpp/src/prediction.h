// The two ways to answer a request for text: at once when complete, or as a stream.
#pragma once

#include "job.h"
#include "wire.h"

#include <memory>
#include <mutex>
#include <string>

namespace serving {

// What both ways share. gRPC owns the reactor and calls OnDone last; the job tells the scheduler of a cancellation.
class Prediction : public Listener {
public:
    // `chat`: the text is told as a turn of a conversation, too.
    Prediction(::grpc::CallbackServerContext & context, bool chat) : context_(context), chat_(chat) {}

    void set_job(std::shared_ptr<Job> job);

protected:
    void cancel();
    void fill(wire::Reply & reply, const std::string & text, const Usage & usage) const;
    // How the answer ended, which the contract's messages have no field for: for the call's last metadata.
    void tell_end(const Outcome & outcome);

private:
    ::grpc::CallbackServerContext & context_;
    const bool chat_;
    std::mutex job_mutex_;
    std::shared_ptr<Job> job_;
    bool cancelled_ = false;
};

class WholePrediction final : public ::grpc::ServerUnaryReactor, public Prediction {
public:
    WholePrediction(::grpc::CallbackServerContext & context, bool chat, wire::Reply & reply)
        : Prediction(context, chat), reply_(reply) {}

    void text(const std::string & text, const Usage &) override { text_ += text; }
    void finished(const Outcome & outcome) override;

    void OnCancel() override { cancel(); }
    void OnDone() override { delete this; }

private:
    std::string text_;
    wire::Reply & reply_;
};

class StreamedPrediction final : public ::grpc::ServerWriteReactor<wire::Reply>, public Prediction {
public:
    using Prediction::Prediction;

    void text(const std::string & text, const Usage & usage) override;
    void finished(const Outcome & outcome) override;

    void OnWriteDone(bool ok) override;
    void OnCancel() override { cancel(); }
    void OnDone() override { delete this; }

private:
    void go_on();

    std::mutex mutex_;
    // Text that came while a reply was being written: it leaves together with the next one.
    std::string waiting_;
    Usage usage_;
    std::optional<Outcome> outcome_;
    bool writing_ = false;
    bool broken_ = false;
    bool last_sent_ = false;
    bool closed_ = false;
    wire::Reply reply_;
};

}  // namespace serving
