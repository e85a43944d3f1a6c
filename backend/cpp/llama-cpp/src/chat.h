// Puts a conversation into a chat template.
#pragma once

#include "model.h"

#include <string>
#include <vector>

namespace serving {

struct ChatTurn {
    std::string role;
    std::string content;
};

// The prompt for the next turn of the assistant. `chosen` is a template's text or a known name; without it the model's
// own is used, and `chatml` where it has none. Throws Failure if the template is none that llama.cpp knows.
std::string apply_chat_template(const Model & model, const std::optional<std::string> & chosen,
                                const std::vector<ChatTurn> & turns);

// Throws Failure unless `chosen` is a template that apply_chat_template can use.
void check_chat_template(const Model & model, const std::string & chosen);

// A short conversation in the template that apply_chat_template would use; empty where there is none, or none that
// llama.cpp knows.
std::string example_of_template(const Model & model, const std::optional<std::string> & chosen);

// Whether the template speaks of thoughts.
bool supports_thinking(const Model & model, const std::optional<std::string> & chosen);

}  // namespace serving
