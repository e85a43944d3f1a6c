#include "control_tokens.h"

#include <random>

namespace serving {
namespace {

std::string random_word() {
    std::random_device device;
    std::string word;
    for (int i = 0; i < 4; ++i) {
        word += std::to_string(device());
    }
    return word;
}

std::vector<std::string> spellings(const Model & model) {
    constexpr int32_t read_only_as_special = LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN;
    std::vector<std::string> all;
    for (llama_token token = 0; token < llama_vocab_n_tokens(model.vocab()); ++token) {
        const std::string text = llama_vocab_get_text(model.vocab(), token);
        if ((llama_vocab_get_attr(model.vocab(), token) & read_only_as_special) != 0 && !text.empty()) {
            all.push_back(text);
        }
    }
    return all;
}

common_trie trie_of(const std::vector<std::string> & words) {
    common_trie trie;
    for (const std::string & word : words) {
        trie.insert(std::vector<uint32_t>(reinterpret_cast<const unsigned char *>(word.data()),
                                          reinterpret_cast<const unsigned char *>(word.data()) + word.size()));
    }
    return trie;
}

}  // namespace

ControlTokens::ControlTokens(const Model & model)
    : model_(model), secret_(random_word()), spellings_(spellings(model)), finder_(trie_of(spellings_)) {}

std::string ControlTokens::mark(size_t number) const {
    return "token-" + secret_ + "-" + std::to_string(number) + ".";
}

void ControlTokens::take_out(std::string & text, std::vector<std::string> & taken) const {
    std::string out;
    size_t state = 0;
    for (const char c : text) {
        out += c;
        state = finder_.next(state, static_cast<unsigned char>(c));
        if (finder_.is_terminal(state)) {
            const std::string & spelling = spellings_[static_cast<size_t>(finder_.match_pattern(state))];
            out.resize(out.size() - spelling.size());
            out += mark(taken.size());
            taken.push_back(spelling);
            state = 0;
        }
    }
    text = std::move(out);
}

Tokens ControlTokens::tokenize(const std::string & prompt, const std::vector<std::string> & taken) const {
    Tokens tokens;
    size_t from = 0;
    const auto add = [&](std::string_view text, bool special) {
        const bool first = from == 0 && tokens.empty();
        const Tokens more = model_.tokenize(text, first, special);
        tokens.insert(tokens.end(), more.begin(), more.end());
    };
    const std::string_view all = prompt;
    const std::string any = "token-" + secret_ + "-";
    for (size_t at = taken.empty() ? std::string::npos : all.find(any); at != std::string::npos; at = all.find(any, from)) {
        const size_t end = all.find('.', at);
        const size_t number = std::stoul(std::string(all.substr(at + any.size(), end - at - any.size())));
        add(all.substr(from, at - from), true);
        add(taken[number], false);
        from = end + 1;
    }
    add(all.substr(from), true);
    return tokens;
}

}  // namespace serving
