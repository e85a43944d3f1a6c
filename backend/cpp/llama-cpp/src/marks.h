// Keeps places of a prompt through the rendering of a template: what people write of the model's control tokens, which is
// to be read as letters, and where an image or a sound is.
#pragma once

#include "prompt.h"

#include <trie.h>

#include <string>
#include <vector>

namespace serving {

class Marks {
public:
    explicit Marks(const Model & model);

    // Puts a mark in the place of each control token that `text` spells, and adds what stood there to `marked`.
    void hide_control_tokens(std::string & text, std::vector<PromptPart> & marked) const;

    // Ends the text with the mark of an image or a sound.
    void add_media(std::string & text, std::vector<PromptPart> & marked) const;

    // A prompt with what was marked in its place again.
    std::vector<PromptPart> split(const std::string & prompt, const std::vector<PromptPart> & marked) const;

private:
    std::string mark(size_t number) const;

    // How a mark begins. Nobody who writes a text knows it.
    const std::string secret_;
    std::vector<std::string> spellings_;
    common_aho_corasick finder_;
};

}  // namespace serving
