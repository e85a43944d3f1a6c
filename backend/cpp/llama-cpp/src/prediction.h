// The two ways to answer a request for text: at once when complete, or as a stream.
#pragma once

#include "job.h"
#include "teller.h"
#include "wire.h"

#include <memory>
#include <mutex>
#include <string>

namespace serving {

class ChatAnswer;

// What both ways share. gRPC owns the reactor and calls OnDone last; the job tells the scheduler of a cancellation. What
// comes from the scheduler and from gRPC is noted, and the teller's thread does what follows from it.
class Prediction : public Listener, protected Teller::Listener {
public:
    Prediction(::grpc::CallbackServerContext & context, Teller & teller);
    ~Prediction() override;

    // The text is a turn of a conversation, and is told apart. Before the job is submitted.
    void tell_apart(ChatAnswer answer);
    void set_job(std::shared_ptr<Job> job);

protected:
    void cancel();
    // Puts into the reply what is to be told of a text that has come since the last call; false if that is nothing yet.
    bool fill(wire::Reply & reply, const std::string & text, const Usage & usage, bool last);
    // The last thing before the reactor's Finish: how the answer ended goes into the call's last metadata, which the
    // contract's messages have no field for.
    void close(const Outcome & outcome);

    Teller & teller_;
    // Held while something is noted and the teller is woken: afterwards this may be gone.
    std::mutex mutex_;

private:
    ::grpc::CallbackServerContext & context_;
    // None where the text is told as it is.
    std::unique_ptr<ChatAnswer> chat_;
    std::mutex job_mutex_;
    std::shared_ptr<Job> job_;
    bool cancelled_ = false;
};

class WholePrediction final : public ::grpc::ServerUnaryReactor, public Prediction {
public:
    WholePrediction(::grpc::CallbackServerContext & context, Teller & teller, wire::Reply & reply)
        : Prediction(context, teller), reply_(reply) {}

    void text(const std::string & text, const Usage &) override { text_ += text; }
    void finished(const Outcome & outcome) override;

    void OnCancel() override { cancel(); }
    void OnDone() override { delete this; }

private:
    void tell() override;

    std::string text_;
    std::optional<Outcome> outcome_;
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
    void tell() override;

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
