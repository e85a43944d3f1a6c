#include "utf8.h"

#include <cstddef>

namespace serving {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

enum class Kind { whole, unfinished, broken };

struct Sequence {
    Kind kind;
    size_t length;
};

// The sequence at the start of `bytes`, by the table of well-formed sequences in the Unicode standard (3.9, D92).
Sequence first_sequence(std::string_view bytes) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    if (lead < 0x80) {
        return {Kind::whole, 1};
    }
    size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        // No overlong forms, no surrogates.
        low = lead == 0xE0 ? 0xA0 : low;
        high = lead == 0xED ? 0x9F : high;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : low;
        high = lead == 0xF4 ? 0x8F : high;
    } else {
        return {Kind::broken, 1};
    }
    for (size_t i = 1; i < length; ++i) {
        if (i == bytes.size()) {
            return {Kind::unfinished, i};
        }
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (byte < low || byte > high) {
            return {Kind::broken, i};
        }
        low = 0x80;
        high = 0xBF;
    }
    return {Kind::whole, length};
}

}  // namespace

std::string Utf8Assembler::feed(std::string_view bytes) {
    pending_ += bytes;
    std::string text;
    std::string_view rest = pending_;
    while (!rest.empty()) {
        const Sequence sequence = first_sequence(rest);
        if (sequence.kind == Kind::unfinished) {
            break;
        }
        text += sequence.kind == Kind::whole ? rest.substr(0, sequence.length) : replacement;
        rest.remove_prefix(sequence.length);
    }
    pending_.erase(0, pending_.size() - rest.size());
    return text;
}

std::string Utf8Assembler::finish() {
    const bool cut = !pending_.empty();
    pending_.clear();
    return std::string(cut ? replacement : "");
}

std::string valid_utf8(std::string_view bytes) {
    Utf8Assembler assembler;
    std::string text = assembler.feed(bytes);
    return text + assembler.finish();
}

}  // namespace serving
