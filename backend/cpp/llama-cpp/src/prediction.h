// The two ways to answer a request for text: at once when complete, or as a stream.
#pragma once

#include "backend.grpc.pb.h"
#include "job.h"

#include <memory>
#include <mutex>
#include <string>

namespace backend {

// What both ways share. gRPC owns the reactor and calls OnDone last; the job tells the scheduler of a cancellation.
class Prediction : public Listener {
public:
    void set_job(std::shared_ptr<Job> job);

protected:
    void cancel();

private:
    std::mutex job_mutex_;
    std::shared_ptr<Job> job_;
    bool cancelled_ = false;
};

class WholePrediction final : public ::grpc::ServerUnaryReactor, public Prediction {
public:
    explicit WholePrediction(v1::PredictResponse & response) : response_(response) {}

    void text(const std::string & text) override { response_.mutable_text()->append(text); }
    void finished(const Outcome & outcome) override;

    void OnCancel() override { cancel(); }
    void OnDone() override { delete this; }

private:
    v1::PredictResponse & response_;
};

class StreamedPrediction final : public ::grpc::ServerWriteReactor<v1::PredictChunk>, public Prediction {
public:
    void text(const std::string & text) override;
    void finished(const Outcome & outcome) override;

    void OnWriteDone(bool ok) override;
    void OnCancel() override { cancel(); }
    void OnDone() override { delete this; }

private:
    void go_on();

    std::mutex mutex_;
    // Text that came while a chunk was being written: it leaves together with the next one.
    std::string waiting_;
    std::optional<Outcome> outcome_;
    bool writing_ = false;
    bool broken_ = false;
    bool last_sent_ = false;
    bool closed_ = false;
    v1::PredictChunk chunk_;
};

}  // namespace backend
