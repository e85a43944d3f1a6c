// The template that makes a prompt of a conversation.
#pragma once

#include "marks.h"

#include <chat.h>

namespace serving {

// A conversation as the model reads it, and how what it answers is to be read.
struct ChatPrompt {
    std::vector<PromptPart> parts;
    // Grammar, triggers, stop words, marks of thoughts.
    common_chat_params answer;
    common_chat_parser_params parser;
};

class ChatTemplate {
public:
    // The template of the options, or the model's own, or `chatml` where it has none. Throws Failure with INVALID_ARGUMENT
    // unless it can make a prompt.
    ChatTemplate(const Model & model, const LoadOptions & options);

    // `media`: how many images and sounds belong to what the user said last. Throws Failure with INVALID_ARGUMENT where the
    // template refuses the conversation.
    ChatPrompt apply(common_chat_templates_inputs inputs, size_t media) const;

    // A short conversation with thinking on; empty where the model has no template and none was chosen.
    const std::string & example() const { return example_; }
    bool supports_thinking() const { return supports_thinking_; }
    // The text of the template; empty where llama.cpp knows it by its name, or by the look of it alone.
    std::string jinja() const;

private:
    common_chat_params render(common_chat_templates_inputs & inputs) const;

    const common_reasoning_format reasoning_;
    // A name of llama.cpp's list, or a model that was loaded without Jinja.
    const bool legacy_;
    const common_chat_templates_ptr templates_;
    const Marks marks_;
    std::string example_;
    bool supports_thinking_ = false;
};

}  // namespace serving
