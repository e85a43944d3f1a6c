#include "gbnf.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace serving {
namespace {

constexpr size_t most_nested = 100;
constexpr size_t most_digits = 6;
constexpr uint64_t most_times = 1'000'000;
constexpr size_t characters = GbnfItem::characters;

// Thrown where the text is none.
struct NoGrammar {};

class Reader {
public:
    explicit Reader(const std::string & text) : at_(text.c_str()) {}

    std::vector<GbnfRule> read() {
        try {
            rules();
        } catch (const NoGrammar &) {
            // Up to here, it was one.
        }
        return std::move(made_);
    }

private:
    void rules() {
        blanks(true);
        while (*at_ != '\0') {
            const size_t rule = named(name());
            blanks(false);
            if (std::strncmp(at_, "::=", 3) != 0) {
                throw NoGrammar();
            }
            at_ += 3;
            blanks(true);
            alternatives(rule, 0);
            blanks(true);
        }
    }

    static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }

    void blanks(bool lines) {
        while (*at_ == ' ' || *at_ == '\t' || *at_ == '#' || (lines && (*at_ == '\r' || *at_ == '\n'))) {
            if (*at_ == '#') {
                at_ += std::strcspn(at_, "\r\n");
            } else {
                ++at_;
            }
        }
    }

    std::string name() {
        const char * from = at_;
        while (is_word(*at_)) {
            ++at_;
        }
        if (at_ == from) {
            throw NoGrammar();
        }
        return {from, at_};
    }

    size_t new_rule() {
        made_.emplace_back();
        return made_.size() - 1;
    }

    size_t named(const std::string & name) {
        const auto [found, added] = names_.try_emplace(name, made_.size());
        return added ? new_rule() : found->second;
    }

    void alternatives(size_t rule, size_t depth) {
        if (depth > most_nested) {
            throw GrammarProblem("has more than " + std::to_string(most_nested) + " groups in each other");
        }
        sequence(rule, depth);
        while (*at_ == '|') {
            ++at_;
            blanks(true);
            sequence(rule, depth);
        }
    }

    void sequence(size_t rule, size_t depth) {
        std::vector<GbnfItem> items;
        while (const auto item = next_item(depth)) {
            const auto [least, most] = repetition(depth);
            items.push_back({*item, least, most});
        }
        made_[rule].push_back(std::move(items));
    }

    // The rule that the next item is, or `characters` for characters; nothing at the end of a sequence.
    std::optional<size_t> next_item(size_t depth) {
        std::optional<size_t> item;
        if (*at_ == '"') {
            const char * from = ++at_;
            quoted('"');
            // One that is empty is a rule with nothing in it.
            item = at_ - from == 1 ? new_rule() : characters;
            if (*item != characters) {
                made_[*item].emplace_back();
            }
        } else if (*at_ == '[') {
            ++at_;
            quoted(']');
            item = characters;
        } else if (*at_ == '<' || *at_ == '!') {
            at_ += std::strcspn(at_, ">");
            at_ += *at_ == '>' ? 1 : 0;
            item = characters;
        } else if (*at_ == '.') {
            ++at_;
            item = characters;
        } else if (is_word(*at_)) {
            item = named(name());
        } else if (*at_ == '(') {
            ++at_;
            blanks(true);
            item = new_rule();
            alternatives(*item, depth + 1);
            if (*at_ != ')') {
                throw NoGrammar();
            }
            ++at_;
        }
        if (item) {
            blanks(depth > 0);
        }
        return item;
    }

    void quoted(char end) {
        while (*at_ != end) {
            at_ += *at_ == '\\' ? 1 : 0;
            if (*at_ == '\0') {
                throw NoGrammar();
            }
            ++at_;
        }
        ++at_;
    }

    // Least and most times; without an end, as once: that is no repetition by number.
    std::pair<uint64_t, uint64_t> repetition(size_t depth) {
        uint64_t least = 1;
        uint64_t most = 1;
        while (std::strchr("*+?{", *at_) != nullptr && *at_ != '\0') {
            const char sign = *at_++;
            blanks(depth > 0);
            if (sign == '{') {
                const auto [low, high] = numbers(depth);
                least = std::min(least * low, most_times);
                most = std::min(most * high, most_times);
            } else if (sign != '+') {
                least = 0;
            }
        }
        return {least, most};
    }

    std::pair<uint64_t, uint64_t> numbers(size_t depth) {
        const uint64_t low = number(depth);
        uint64_t high = low;
        if (*at_ == ',') {
            ++at_;
            blanks(depth > 0);
            high = *at_ == '}' ? std::max<uint64_t>(low, 1) : number(depth);
            if (high < low) {
                throw GrammarProblem("repeats something at least " + std::to_string(low) + " and at most " +
                                     std::to_string(high) + " times");
            }
        }
        if (*at_ != '}') {
            throw NoGrammar();
        }
        ++at_;
        blanks(depth > 0);
        return {low, high};
    }

    uint64_t number(size_t depth) {
        const size_t digits = std::strspn(at_, "0123456789");
        if (digits == 0) {
            throw NoGrammar();
        }
        if (digits > most_digits) {
            throw GrammarProblem("repeats something too many times");
        }
        const uint64_t value = std::stoull(std::string(at_, digits));
        at_ += digits;
        blanks(depth > 0);
        return value;
    }

    const char * at_;
    std::vector<GbnfRule> made_;
    std::map<std::string, size_t> names_;
};

}  // namespace

std::vector<GbnfRule> read_gbnf(const std::string & text) {
    return Reader(text).read();
}

}  // namespace serving
