#include "stop_words.h"

#include <algorithm>
#include <utility>

namespace serving {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Length of the longest end of `text` that is a proper beginning of `word`.
size_t overlap(std::string_view text, std::string_view word) {
    for (size_t length = std::min(text.size(), word.size() - 1); length > 0; --length) {
        if (ends_with(text, word.substr(0, length))) {
            return length;
        }
    }
    return 0;
}

}  // namespace

std::string StopWords::feed(std::string_view text) {
    if (found_) {
        return {};
    }
    const size_t seen = held_.size();
    held_ += text;
    const std::string_view all = held_;
    for (size_t end = seen + 1; end <= all.size(); ++end) {
        const std::string * longest = nullptr;
        for (const std::string & word : words_) {
            if (ends_with(all.substr(0, end), word) && (longest == nullptr || word.size() > longest->size())) {
                longest = &word;
            }
        }
        if (longest != nullptr) {
            found_ = *longest;
            std::string out(all.substr(0, end - longest->size()));
            held_.clear();
            return out;
        }
    }
    size_t keep = 0;
    for (const std::string & word : words_) {
        keep = std::max(keep, overlap(all, word));
    }
    std::string out(all.substr(0, all.size() - keep));
    held_.erase(0, out.size());
    return out;
}

std::string StopWords::finish() {
    return found_ ? std::string() : std::exchange(held_, {});
}

}  // namespace serving
