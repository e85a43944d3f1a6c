#include "log.h"

#include <llama.h>
// That of llama.cpp's `common`.
#include <log.h>
#include <mtmd-helper.h>

#include <cstdio>

namespace serving {
namespace {

thread_local std::string * capture = nullptr;
// Set once, before any thread starts.
bool log_everything = false;

void on_log(ggml_log_level level, const char * text, void *) {
    // A continued line has the level of the one before it.
    thread_local ggml_log_level last = GGML_LOG_LEVEL_NONE;
    if (level != GGML_LOG_LEVEL_CONT) {
        last = level;
    }
    if (last == GGML_LOG_LEVEL_ERROR && capture != nullptr) {
        capture->append(text);
    } else if (log_everything || last == GGML_LOG_LEVEL_ERROR || last == GGML_LOG_LEVEL_WARN) {
        std::fputs(text, stderr);
    }
}

}  // namespace

void install_log(bool verbose) {
    log_everything = verbose;
    llama_log_set(on_log, nullptr);
    mtmd_helper_log_set(on_log, nullptr);
    // What it would warn of holds what people and models say.
    common_log_set_verbosity_thold(verbose ? LOG_LEVEL_INFO : LOG_LEVEL_OUTPUT);
}

ErrorCapture::ErrorCapture() : outer_(capture) {
    capture = &lines_;
}

ErrorCapture::~ErrorCapture() {
    capture = outer_;
    std::fputs(lines_.c_str(), stderr);
}

std::string ErrorCapture::text() const {
    std::string text;
    for (const char c : lines_) {
        text += c == '\n' ? std::string("; ") : std::string(1, c);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == ';')) {
        text.pop_back();
    }
    return text;
}

}  // namespace serving
