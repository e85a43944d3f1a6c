#include "marks.h"

#include <random>

namespace serving {
namespace {

constexpr char end_of_mark = '.';

std::string secret() {
    std::random_device device;
    std::string word = "mark";
    for (int i = 0; i < 4; ++i) {
        word += '-';
        word += std::to_string(device());
    }
    return word + '-';
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

Marks::Marks(const Model & model)
    : secret_(secret()), spellings_(spellings(model)), finder_(trie_of(spellings_)) {}

std::string Marks::mark(size_t number) const {
    return secret_ + std::to_string(number) + end_of_mark;
}

void Marks::hide_control_tokens(std::string & text, std::vector<PromptPart> & marked) const {
    std::string out;
    size_t state = 0;
    for (const char c : text) {
        out += c;
        state = finder_.next(state, static_cast<unsigned char>(c));
        if (finder_.is_terminal(state)) {
            const std::string & spelling = spellings_[static_cast<size_t>(finder_.match_pattern(state))];
            out.resize(out.size() - spelling.size());
            out += mark(marked.size());
            marked.push_back({PromptPart::Kind::letters, spelling});
            state = 0;
        }
    }
    text = std::move(out);
}

void Marks::add_media(std::string & text, std::vector<PromptPart> & marked) const {
    text += mark(marked.size());
    marked.push_back({PromptPart::Kind::media, {}});
}

std::vector<PromptPart> Marks::split(const std::string & prompt, const std::vector<PromptPart> & marked) const {
    std::vector<PromptPart> parts;
    size_t from = 0;
    const auto add_until = [&](size_t to) {
        if (to > from) {
            parts.push_back({PromptPart::Kind::markup, prompt.substr(from, to - from)});
        }
    };
    for (size_t at = marked.empty() ? std::string::npos : prompt.find(secret_); at != std::string::npos;
         at = prompt.find(secret_, from)) {
        add_until(at);
        const size_t number = at + secret_.size();
        const size_t end = prompt.find(end_of_mark, number);
        parts.push_back(marked.at(std::stoul(prompt.substr(number, end - number))));
        from = end + 1;
    }
    add_until(prompt.size());
    return parts;
}

}  // namespace serving
