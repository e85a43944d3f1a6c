// Tells callers what they are to hear on a thread of its own, so that whoever computes does not wait for it: the longer a
// turn of a conversation is, the longer it takes to read what the model wrote.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace serving {

class Teller {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        // Called by the teller's thread, once or more often after each wake().
        virtual void tell() = 0;

    private:
        friend class Teller;
        bool queued_ = false;
    };

    Teller();
    // Everybody must have been told.
    ~Teller();
    Teller(const Teller &) = delete;
    Teller & operator=(const Teller &) = delete;

    void wake(Listener & listener);
    // Whoever calls this from tell() may be gone afterwards.
    void forget(Listener & listener);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Listener *> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace serving
