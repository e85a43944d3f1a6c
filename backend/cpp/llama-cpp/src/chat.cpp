#include "chat.h"

#include "failure.h"

#include <string_view>

namespace serving {
namespace {

// The model's own where none is chosen; empty where it has none.
std::string template_of(const Model & model, const std::optional<std::string> & chosen) {
    const char * own = llama_model_chat_template(model.get(), nullptr);
    return chosen ? *chosen : own != nullptr ? own : "";
}

}  // namespace

std::string apply_chat_template(const Model & model, const std::optional<std::string> & chosen,
                                const std::vector<ChatTurn> & turns) {
    const std::string found = template_of(model, chosen);
    const std::string name = found.empty() ? "chatml" : found;

    std::vector<llama_chat_message> messages;
    size_t length = 256;
    for (const ChatTurn & turn : turns) {
        messages.push_back({turn.role.c_str(), turn.content.c_str()});
        length += 2 * (turn.role.size() + turn.content.size()) + 64;
    }
    std::string prompt(length, '\0');
    const auto apply = [&] {
        return llama_chat_apply_template(name.c_str(), messages.data(), messages.size(), true, prompt.data(),
                                         static_cast<int32_t>(prompt.size()));
    };
    int32_t count = apply();
    if (count > static_cast<int32_t>(prompt.size())) {
        prompt.resize(static_cast<size_t>(count));
        count = apply();
    }
    if (count < 0) {
        throw failed_precondition(
            "llama.cpp does not know this chat template; load the model with the option "
            "chat_template:NAME of one that it knows, such as chatml, or send a Prompt");
    }
    prompt.resize(static_cast<size_t>(count));
    return prompt;
}

void check_chat_template(const Model & model, const std::string & chosen) {
    try {
        apply_chat_template(model, chosen, {{"user", "hello"}});
    } catch (const Failure &) {
        throw invalid_argument("chat_template is neither the name nor the text of a template that llama.cpp knows");
    }
}

std::string example_of_template(const Model & model, const std::optional<std::string> & chosen) {
    if (template_of(model, chosen).empty()) {
        return {};
    }
    try {
        return apply_chat_template(model, chosen, {{"user", "hello"}});
    } catch (const Failure &) {
        return {};
    }
}

bool supports_thinking(const Model & model, const std::optional<std::string> & chosen) {
    const std::string text = template_of(model, chosen);
    for (const std::string_view sign : {"enable_thinking", "<think>", "reasoning_content"}) {
        if (text.find(sign) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace serving
