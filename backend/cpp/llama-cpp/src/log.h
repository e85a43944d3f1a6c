// llama.cpp's log: warnings on stderr (everything when verbose), and its errors for whoever asks.
#pragma once

#include <string>

namespace serving {

void install_log(bool verbose);

// Collects the error lines that llama.cpp logs on this thread while the object lives; they go to stderr at its end.
class ErrorCapture {
public:
    ErrorCapture();
    ~ErrorCapture();
    ErrorCapture(const ErrorCapture &) = delete;
    ErrorCapture & operator=(const ErrorCapture &) = delete;

    // The lines so far, joined by `; `. Empty if there was none.
    std::string text() const;

    // The errors were expected: nobody need read them.
    void discard() { lines_.clear(); }

private:
    std::string lines_;
    std::string * outer_;
};

}  // namespace serving
