#include "big_stack.h"

#include <exception>
#include <new>
#include <pthread.h>

namespace serving {
namespace {

struct Run {
    const std::function<void()> & body;
    std::exception_ptr thrown;
};

void * start(void * argument) {
    auto & run = *static_cast<Run *>(argument);
    try {
        run.body();
    } catch (...) {
        run.thrown = std::current_exception();
    }
    return nullptr;
}

}  // namespace

void run_with_stack(size_t bytes, const std::function<void()> & body) {
    Run run{body, nullptr};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_t thread{};
    const bool started =
        pthread_attr_setstacksize(&attributes, bytes) == 0 && pthread_create(&thread, &attributes, start, &run) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) {
        throw std::bad_alloc();
    }
    pthread_join(thread, nullptr);
    if (run.thrown) {
        std::rethrow_exception(run.thrown);
    }
}

}  // namespace serving
