#include "utf8.h"

#include "check.h"

#include <random>

using serving::Utf8Assembler;
using serving::valid_utf8;

TEST(whole_text_passes_unchanged) {
    EXPECT(valid_utf8("") == "");
    EXPECT(valid_utf8("plain") == "plain");
    EXPECT(valid_utf8("wörld 終わり 🎉") == "wörld 終わり 🎉");
}

TEST(a_character_is_held_until_it_is_whole) {
    Utf8Assembler assembler;
    EXPECT(assembler.feed("a\xF0\x9F") == "a");
    EXPECT(assembler.feed("\x8E").empty());
    EXPECT(assembler.feed("\x89!") == "🎉!");
    EXPECT(assembler.finish().empty());
}

TEST(an_unfinished_end_becomes_one_replacement) {
    Utf8Assembler assembler;
    EXPECT(assembler.feed("a\xF0\x9F\x8E") == "a");
    EXPECT(assembler.finish() == "\uFFFD");
    EXPECT(assembler.finish().empty());
}

TEST(broken_bytes_are_replaced_and_what_follows_survives) {
    EXPECT(valid_utf8("a\xFF"
                      "b") == "a\uFFFDb");
    EXPECT(valid_utf8("\x80\x80") == "\uFFFD\uFFFD");
    // A lead byte without its continuation.
    EXPECT(valid_utf8("\xC3"
                      "a") == "\uFFFDa");
    // An overlong form, a surrogate, and a code point beyond the last.
    EXPECT(valid_utf8("\xC0\xAF") == "\uFFFD\uFFFD");
    EXPECT(valid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
    EXPECT(valid_utf8("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(the_result_does_not_depend_on_where_bytes_are_cut) {
    std::mt19937 random(2);
    const std::string alphabet = "a\xC3\xA9\xE7\xB5\x82\xF0\x9F\x8E\x89\xFF\xED\xA0";
    for (int round = 0; round < 5000; ++round) {
        std::string bytes;
        for (size_t i = random() % 16; i > 0; --i) {
            bytes += alphabet[random() % alphabet.size()];
        }
        Utf8Assembler assembler;
        std::string text;
        for (const char byte : bytes) {
            text += assembler.feed({&byte, 1});
        }
        text += assembler.finish();
        EXPECT(text == valid_utf8(bytes));
        EXPECT(valid_utf8(text) == text);
    }
}
