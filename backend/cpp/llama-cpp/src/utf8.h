// Makes whole, valid UTF-8 out of bytes that arrive in pieces cut anywhere.
#pragma once

#include <string>
#include <string_view>

namespace serving {

class Utf8Assembler {
public:
    // The text that is complete with these bytes. An unfinished character at the end is kept for the next call; bytes
    // that can begin or continue no character become U+FFFD, one for each maximal broken part.
    std::string feed(std::string_view bytes);

    // What is left at the end: nothing, or one U+FFFD for the character that never became whole.
    std::string finish();

private:
    std::string pending_;
};

// All of `bytes` at once.
std::string valid_utf8(std::string_view bytes);

}  // namespace serving
