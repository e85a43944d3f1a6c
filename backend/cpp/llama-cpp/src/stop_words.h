// Finds stop words in text that arrives in pieces, and holds back what may be the beginning of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serving {

class StopWords {
public:
    // No word may be empty.
    explicit StopWords(std::vector<std::string> words) : words_(std::move(words)) {}

    // The text that can be given out now. After a word was found nothing more comes out.
    //
    // The word that is complete first wins, and of several that end together the longest: the result does not depend on
    // how the text was cut into pieces.
    std::string feed(std::string_view text);

    // What was held back, when no more text comes.
    std::string finish();

    const std::optional<std::string> & found() const { return found_; }

private:
    std::vector<std::string> words_;
    std::string held_;
    std::optional<std::string> found_;
};

}  // namespace serving
