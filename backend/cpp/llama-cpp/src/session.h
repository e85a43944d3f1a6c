// A loaded model with all that works on it. Whoever uses it holds a shared pointer; stop() ends the work at once.
#pragma once

#include "embedder.h"
#include "failure.h"
#include "scheduler.h"

#include <memory>
#include <optional>

namespace backend {

class Session {
public:
    // Throws Failure.
    Session(LoadOptions options, Metrics & metrics, const std::function<bool()> & go_on);

    const Model & model() const { return model_; }
    const LoadOptions & options() const { return options_; }
    Embedder & embedder() { return embedder_; }

    // Throws Failure if the model generates no text.
    Scheduler & scheduler();

    Load load() const { return scheduler_ ? scheduler_->load() : Load{}; }

    void stop();

private:
    const LoadOptions options_;
    const Model model_;
    Embedder embedder_;
    std::optional<Scheduler> scheduler_;
};

}  // namespace backend
