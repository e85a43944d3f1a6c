// Keeps what people write from being read as the model's control tokens.
#pragma once

#include "model.h"

#include <trie.h>

#include <string>
#include <vector>

namespace serving {

class ControlTokens {
public:
    // `model` must outlive this.
    explicit ControlTokens(const Model & model);

    // Puts a mark in the place of each control token that `text` spells, and adds what stood there to `taken`.
    void take_out(std::string & text, std::vector<std::string> & taken) const;

    // The tokens of a prompt in which what was taken out stands as plain text again.
    Tokens tokenize(const std::string & prompt, const std::vector<std::string> & taken) const;

private:
    std::string mark(size_t number) const;

    const Model & model_;
    // Nobody who writes a text knows it.
    const std::string secret_;
    std::vector<std::string> spellings_;
    common_aho_corasick finder_;
};

}  // namespace serving
