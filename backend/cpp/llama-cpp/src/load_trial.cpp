#include "load_trial.h"

#include "failure.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

// ggml's one lock for all threads: a child must not inherit it from a thread that it does not have.
extern "C" {
void ggml_critical_section_start(void);
void ggml_critical_section_end(void);
}

namespace serving {
namespace {

constexpr auto longest_trial = std::chrono::minutes(5);
constexpr auto first_wait = std::chrono::milliseconds(1);
constexpr auto longest_wait = std::chrono::milliseconds(50);

// What the child does; whatever ends it is a signal, or `_exit`.
[[noreturn]] void load_and_exit(const std::string & path, const std::vector<llama_model_kv_override> & overrides) {
    // Its aborts would start a debugger, and dumps of its memory are of no use.
    setenv("GGML_NO_BACKTRACE", "1", 1);
    signal(SIGABRT, SIG_DFL);
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    ggml_backend_dev_t nothing[] = {nullptr};
    llama_model_params parameters = llama_model_default_params();
    parameters.devices = nothing;
    parameters.n_gpu_layers = 0;
    parameters.load_mode = LLAMA_LOAD_MODE_NONE;
    parameters.no_alloc = true;
    parameters.kv_overrides = overrides.data();
    llama_model_load_from_file(path.c_str(), parameters);
    _exit(0);
}

// How it ended; nothing while it runs.
std::optional<int> ended(pid_t child) {
    int status = 0;
    return waitpid(child, &status, WNOHANG) == child ? std::optional(status) : std::nullopt;
}

int wait_for(pid_t child, const std::function<bool()> & go_on) {
    const auto end = std::chrono::steady_clock::now() + longest_trial;
    auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(first_wait);
    while (true) {
        if (const auto status = ended(child)) {
            return *status;
        }
        const bool cancelled = !go_on();
        if (cancelled || std::chrono::steady_clock::now() > end) {
            kill(child, SIGKILL);
            int status = 0;
            waitpid(child, &status, 0);
            if (cancelled) {
                throw Failure(::grpc::StatusCode::CANCELLED, "loading was cancelled");
            }
            return status;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, std::chrono::duration_cast<std::chrono::milliseconds>(longest_wait));
    }
}

}  // namespace

void try_to_load(const std::string & path, const std::vector<llama_model_kv_override> & overrides,
                 const std::function<bool()> & go_on) {
#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
    ggml_critical_section_start();
    const pid_t child = fork();
    ggml_critical_section_end();
    if (child == 0) {
        load_and_exit(path, overrides);
    }
    // Without room for another process, the file is trusted.
    if (child < 0) {
        return;
    }
    const int status = wait_for(child, go_on);
    if (WIFSIGNALED(status)) {
        throw invalid_argument("'" + path + "' cannot be loaded as a GGUF model: reading it ends llama.cpp (" +
                               strsignal(WTERMSIG(status)) + "); the file is damaged");
    }
#else
    (void) path;
    (void) overrides;
    (void) go_on;
#endif
}

}  // namespace serving
