// What a model reads before it answers.
#pragma once

#include "model.h"

#include <mtmd.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace serving {

// A part of a prompt that is not in tokens yet.
struct PromptPart {
    enum class Kind {
        // In which the name of a control token is that token.
        markup,
        // In which it is letters.
        letters,
        // The place of an image or a sound; there is no text.
        media,
    };
    Kind kind = Kind::markup;
    std::string text;
};

// Tokens, and between them images and sounds.
struct Prompt {
    // LLAMA_TOKEN_NULL for each token of an image or a sound.
    Tokens tokens;
    // By the place of its first token.
    std::map<size_t, mtmd::input_chunk_ptr> media;
};

// A prompt in which `marker` stands for each image and sound.
std::vector<PromptPart> split_at(std::string_view marker, std::string_view prompt);

// None of the parts is an image or a sound.
Prompt tokenize(const Model & model, const std::vector<PromptPart> & parts);

}  // namespace serving
