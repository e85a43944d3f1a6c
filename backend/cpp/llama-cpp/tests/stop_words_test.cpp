#include "stop_words.h"

#include "check.h"

#include <random>

using serving::StopWords;

namespace {

struct Result {
    std::string text;
    std::string found;
};

Result run(const std::vector<std::string> & words, const std::vector<std::string> & pieces) {
    StopWords matcher(words);
    std::string text;
    for (const std::string & piece : pieces) {
        text += matcher.feed(piece);
    }
    text += matcher.finish();
    return {text, matcher.found().value_or("")};
}

}  // namespace

TEST(without_words_everything_passes_at_once) {
    StopWords matcher({});
    EXPECT(matcher.feed("hello") == "hello");
    EXPECT(matcher.finish().empty());
    EXPECT(!matcher.found());
}

TEST(a_word_inside_one_piece_cuts_the_text_before_it) {
    const Result result = run({"STOP"}, {"one STOP two"});
    EXPECT(result.text == "one ");
    EXPECT(result.found == "STOP");
}

TEST(a_word_across_pieces_never_leaks) {
    StopWords matcher({"STOP"});
    EXPECT(matcher.feed("a S") == "a ");
    EXPECT(matcher.feed("T").empty());
    EXPECT(matcher.feed("OP b").empty());
    EXPECT(matcher.found() == "STOP");
    EXPECT(matcher.feed("more").empty());
    EXPECT(matcher.finish().empty());
}

TEST(what_only_began_like_a_word_comes_out) {
    StopWords matcher({"STOP"});
    EXPECT(matcher.feed("STO").empty());
    EXPECT(matcher.feed("RE") == "STORE");
    EXPECT(matcher.feed("ST").empty());
    EXPECT(matcher.finish() == "ST");
}

TEST(a_word_that_overlaps_itself_is_found) {
    const Result result = run({"aab"}, {"a", "a", "a", "b"});
    EXPECT(result.text == "a");
    EXPECT(result.found == "aab");
}

TEST(the_word_that_is_complete_first_wins) {
    const Result result = run({"abcd", "bc"}, {"xabcd"});
    EXPECT(result.text == "xa");
    EXPECT(result.found == "bc");
}

TEST(of_words_that_end_together_the_longest_wins) {
    const Result result = run({"c", "abc", "bc"}, {"xabc"});
    EXPECT(result.text == "x");
    EXPECT(result.found == "abc");
}

TEST(words_of_more_bytes_than_one_per_character_work) {
    const Result result = run({"終"}, {"è終", "é"});
    EXPECT(result.text == "è");
    EXPECT(result.found == "終");
}

// A small alphabet makes matches, half matches and overlaps common.
TEST(the_result_does_not_depend_on_the_pieces) {
    std::mt19937 random(1);
    const auto word = [&](size_t longest) {
        std::string text(1 + random() % longest, 'a');
        for (char & c : text) {
            c = static_cast<char>('a' + random() % 2);
        }
        return text;
    };
    for (int round = 0; round < 5000; ++round) {
        const std::vector<std::string> words{word(5), word(4), word(6)};
        const std::string text = word(24);
        std::vector<std::string> pieces;
        for (size_t at = 0; at < text.size();) {
            const size_t length = 1 + random() % 4;
            pieces.push_back(text.substr(at, length));
            at += length;
        }
        const Result whole = run(words, {text});
        const Result cut = run(words, pieces);
        EXPECT_WITH(whole.text == cut.text && whole.found == cut.found, text);
        EXPECT_WITH(text.rfind(whole.text + whole.found, 0) == 0, text);
        if (!whole.found.empty()) {
            EXPECT_WITH(whole.text.find(whole.found) == std::string::npos, text);
        } else {
            EXPECT_WITH(whole.text == text, text);
        }
    }
}
