#include "session.h"

#include "chat_template.h"
#include "media.h"

namespace serving {
Session::Session(LoadOptions options, Metrics & metrics, const std::function<bool()> & go_on)
    : options_(std::move(options)), model_(options_, go_on), embedder_(model_, options_), scorer_(model_, options_) {
    if (ContextPtr context = make_generation_context(model_, options_)) {
        chat_ = std::make_unique<ChatTemplate>(model_, options_);
        if (!options_.projector.empty()) {
            media_ = std::make_unique<Media>(model_, options_);
        }
        if (!options_.draft.path.empty()) {
            drafter_.emplace(model_, options_, go_on);
        }
        scheduler_.emplace(model_, media_.get(), drafter_ ? &*drafter_ : nullptr, std::move(context), options_, metrics);
    }
    load_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - started_).count();
}

Session::~Session() = default;

Scheduler & Session::scheduler() {
    if (!scheduler_) {
        throw failed_precondition("the loaded model generates no text; it may be one for embeddings");
    }
    return *scheduler_;
}

Scorer & Session::scorer() {
    scheduler();
    return scorer_;
}

void Session::stop() {
    if (scheduler_) {
        scheduler_->stop();
    }
    embedder_.stop();
    scorer_.stop();
}

}  // namespace serving
