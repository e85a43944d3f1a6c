#include "teller.h"

#include <algorithm>

namespace serving {

Teller::Teller() : thread_([this] { run(); }) {}

Teller::~Teller() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Teller::wake(Listener & listener) {
    {
        const std::lock_guard lock(mutex_);
        if (listener.queued_) {
            return;
        }
        listener.queued_ = true;
        queue_.push_back(&listener);
    }
    wake_.notify_one();
}

void Teller::forget(Listener & listener) {
    const std::lock_guard lock(mutex_);
    std::erase(queue_, &listener);
}

void Teller::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        Listener & next = *queue_.front();
        queue_.pop_front();
        next.queued_ = false;
        lock.unlock();
        next.tell();
        lock.lock();
    }
}

}  // namespace serving
