// A loaded model with all that works on it. Whoever uses it holds a shared pointer; stop() ends the work at once.
#pragma once

#include "embedder.h"
#include "failure.h"
#include "scheduler.h"
#include "scorer.h"

#include <memory>
#include <optional>

namespace serving {

class ChatTemplate;
class Media;

class Session {
public:
    // Throws Failure.
    Session(LoadOptions options, Metrics & metrics, const std::function<bool()> & go_on);
    ~Session();

    const Model & model() const { return model_; }
    const LoadOptions & options() const { return options_; }
    Embedder & embedder() { return embedder_; }

    // None if the model generates no text.
    const ChatTemplate * chat() const { return chat_.get(); }

    // None if it was loaded without a projector.
    const Media * media() const { return media_.get(); }

    // These throw Failure if the model generates no text.
    Scheduler & scheduler();
    Scorer & scorer();

    double load_ms() const { return load_ms_; }
    Load load() const { return scheduler_ ? scheduler_->load() : Load{}; }

    void stop();

private:
    const Clock::time_point started_ = Clock::now();
    const LoadOptions options_;
    const Model model_;
    Embedder embedder_;
    Scorer scorer_;
    std::unique_ptr<const Media> media_;
    std::optional<Drafter> drafter_;
    // Both or none.
    std::unique_ptr<const ChatTemplate> chat_;
    std::optional<Scheduler> scheduler_;
    double load_ms_ = 0;
};

}  // namespace serving
