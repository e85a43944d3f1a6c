#include "chat_template.h"

#include "failure.h"

#include <algorithm>
#include <cstring>

namespace serving {
namespace {

constexpr const char * user = "user";
constexpr const char * greeting = "hello";
constexpr const char * advice =
    "; load the model with the option chat_template:TEMPLATE or chat_template:NAME of one that llama.cpp knows, such as "
    "chatml";

// The one of llama.cpp's names that it has as a template, too.
constexpr const char * chatml = "chatml";

bool is_name(const std::string & text) {
    std::vector<const char *> names(static_cast<size_t>(llama_chat_builtin_templates(nullptr, 0)));
    llama_chat_builtin_templates(names.data(), names.size());
    return std::any_of(names.begin(), names.end(), [&](const char * name) { return text == name; });
}

// Nothing where the model has none and none was chosen.
std::string source_of(const Model & model, const LoadOptions & options) {
    const char * own = llama_model_chat_template(model.get(), nullptr);
    return options.chat_template ? *options.chat_template : own != nullptr ? own : "";
}

bool reads_as_jinja(const std::string & source) {
    return source.find("{{") != std::string::npos || source.find("{%") != std::string::npos;
}

bool is_legacy(const Model & model, const LoadOptions & options) {
    const std::string source = source_of(model, options);
    return source != chatml && (is_name(source) || (!options.jinja && !source.empty()));
}

common_chat_templates_ptr make_templates(const Model & model, const LoadOptions & options) {
    const std::string source = source_of(model, options);
    if (!source.empty() && !is_name(source)) {
        if (!reads_as_jinja(source)) {
            throw invalid_argument(std::string("the chat template is neither a name that llama.cpp knows nor Jinja") + advice);
        }
        try {
            // Where the reason comes from: the function below loses it.
            const common_chat_template parsed(source, "", "");
        } catch (const std::exception & error) {
            throw invalid_argument(std::string("the chat template cannot be read: ") + error.what() + advice);
        }
    }
    return common_chat_templates_init(model.get(), options.chat_template.value_or(""));
}

bool comes_from_people(const common_chat_msg & message) {
    return message.role == user || message.role == "tool";
}

}  // namespace

ChatTemplate::ChatTemplate(const Model & model, const LoadOptions & options)
    : reasoning_(options.reasoning),
      legacy_(is_legacy(model, options)),
      templates_(make_templates(model, options)),
      marks_(model) {
    common_chat_templates_inputs inputs;
    inputs.messages.resize(1);
    inputs.messages[0].role = user;
    inputs.messages[0].content = greeting;
    common_chat_params made;
    try {
        made = render(inputs);
    } catch (const Failure & failure) {
        throw invalid_argument(failure.what() + std::string(advice));
    }
    if (made.prompt.find(greeting) == std::string::npos) {
        throw invalid_argument(std::string("the chat template leaves out what a user says") + advice);
    }
    if (!source_of(model, options).empty()) {
        example_ = made.prompt;
        supports_thinking_ = made.supports_thinking;
    }
}

ChatPrompt ChatTemplate::apply(common_chat_templates_inputs inputs, size_t media) const {
    std::vector<PromptPart> marked;
    common_chat_msg * last = nullptr;
    for (common_chat_msg & message : inputs.messages) {
        if (comes_from_people(message)) {
            marks_.hide_control_tokens(message.content, marked);
        }
        last = message.role == user ? &message : last;
    }
    if (media > 0 && last == nullptr) {
        throw invalid_argument("there are images or sounds, but no message of a user");
    }
    for (size_t i = 0; i < media; ++i) {
        marks_.add_media(last->content, marked);
    }
    ChatPrompt prompt;
    prompt.answer = render(inputs);
    prompt.parts = marks_.split(prompt.answer.prompt, marked);
    prompt.parser = common_chat_parser_params(prompt.answer);
    prompt.parser.reasoning_format = reasoning_;
    if (!prompt.answer.parser.empty()) {
        prompt.parser.parser.load(prompt.answer.parser);
    }
    return prompt;
}

common_chat_params ChatTemplate::render(common_chat_templates_inputs & inputs) const {
    if (legacy_ && !inputs.tools.empty()) {
        throw failed_precondition(std::string("tools need a Jinja template, and the model was loaded without one") + advice);
    }
    inputs.use_jinja = !legacy_;
    inputs.reasoning_format = reasoning_;
    inputs.parallel_tool_calls = common_chat_templates_get_caps(templates_.get())["supports_parallel_tool_calls"];
    try {
        return common_chat_templates_apply(templates_.get(), inputs);
    } catch (const std::exception & error) {
        throw invalid_argument(std::string("the chat template cannot render this: ") + error.what());
    }
}

std::string ChatTemplate::jinja() const {
    return legacy_ ? std::string() : common_chat_templates_source(templates_.get());
}

}  // namespace serving
