#include "chat_request.h"

#include "failure.h"
#include "ranges.h"
#include "request_json.h"

#include <algorithm>

namespace serving {
namespace {

// A zero byte ends the text for half of the functions that it goes through.
const std::string & without_zero(const char * name, const std::string & text) {
    if (text.find('\0') != std::string::npos) {
        throw invalid_argument(std::string(name) + " of a message holds a zero byte");
    }
    return text;
}

common_json tool_calls(const std::string & text) {
    common_json calls = parse_json("tool_calls of a message", text);
    for (auto & call : calls) {
        if (call.is_object() && call.value("type", "").empty()) {
            call["type"] = "function";
        }
    }
    return calls;
}

common_json message_json(const wire::Message & message) {
    if (message.role().empty()) {
        throw invalid_argument("a message has no role");
    }
    common_json made = common_json::object();
    made["role"] = without_zero("role", message.role());
    made["content"] = without_zero("content", message.content());
    const auto add = [&](const char * name, const std::string & value) {
        if (!value.empty()) {
            made[name] = without_zero(name, value);
        }
    };
    add("name", message.name());
    add("tool_call_id", message.tool_call_id());
    add("reasoning_content", message.reasoning_content());
    if (!message.tool_calls().empty()) {
        made["tool_calls"] = tool_calls(message.tool_calls());
    }
    return made;
}

std::vector<common_chat_msg> messages(const wire::PredictOptions & request) {
    common_json all = common_json::array();
    for (const wire::Message & message : request.messages()) {
        all.push_back(message_json(message));
    }
    try {
        return common_chat_msgs_parse_oaicompat(all);
    } catch (const std::exception & error) {
        throw invalid_argument(std::string("Messages: ") + error.what());
    }
}

std::vector<common_chat_tool> tools(const std::string & text) {
    if (text.empty()) {
        return {};
    }
    const common_json all = parse_json("Tools", text);
    try {
        return common_chat_tools_parse_oaicompat(all);
    } catch (const std::exception & error) {
        // The whole list follows the reason.
        const std::string reason = error.what();
        throw invalid_argument("Tools: " + reason.substr(0, reason.rfind("; tools = ")));
    }
}

// Of an object that names a function, the name.
std::string chosen_function(const common_json & choice) {
    const common_json function = choice.value("function", common_json::object());
    const std::string name = function.is_object() ? function.value("name", "") : "";
    if (name.empty()) {
        throw invalid_argument("ToolChoice is an object that names no function");
    }
    return name;
}

void choose_tool(const std::string & text, common_chat_templates_inputs & inputs) {
    if (text.empty()) {
        return;
    }
    const bool word = text == "auto" || text == "none" || text == "required";
    const common_json choice = word ? common_json(text) : parse_json("ToolChoice", text);
    if (choice.is_object()) {
        const std::string name = chosen_function(choice);
        std::erase_if(inputs.tools, [&](const common_chat_tool & tool) { return tool.name != name; });
        if (inputs.tools.empty()) {
            throw invalid_argument("ToolChoice names the function '" + name + "', which is not among the Tools");
        }
        inputs.tool_choice = COMMON_CHAT_TOOL_CHOICE_REQUIRED;
        return;
    }
    try {
        inputs.tool_choice = common_chat_tool_choice_parse_oaicompat(choice.get<std::string>());
    } catch (const std::exception &) {
        throw invalid_argument("ToolChoice is neither auto, none nor required, and names no function");
    }
}

// What a template may ask for beside the conversation; values are JSON. A word of the metadata comes before the caller's
// arguments for the template, which come before the defaults.
void set_template_arguments(const wire::PredictOptions & request, common_chat_templates_inputs & inputs) {
    const auto & metadata = request.metadata();
    if (const auto found = metadata.find("chat_template_kwargs"); found != metadata.end() && !found->second.empty()) {
        const common_json arguments = parse_json("chat_template_kwargs", found->second);
        if (!arguments.is_object()) {
            throw invalid_argument("chat_template_kwargs is no JSON object");
        }
        for (const auto & [key, value] : arguments.items()) {
            inputs.chat_template_kwargs[key] = value.dump();
        }
    }
    if (const auto found = metadata.find("reasoning_effort"); found != metadata.end() && !found->second.empty()) {
        inputs.chat_template_kwargs["reasoning_effort"] = common_json(found->second).dump();
    }
    if (const auto found = metadata.find("enable_thinking"); found != metadata.end() && !found->second.empty()) {
        inputs.chat_template_kwargs["enable_thinking"] = is_on("enable_thinking", found->second) ? "true" : "false";
    }
    if (const auto found = inputs.chat_template_kwargs.find("enable_thinking"); found != inputs.chat_template_kwargs.end()) {
        if (found->second != "true" && found->second != "false") {
            throw invalid_argument("enable_thinking of chat_template_kwargs is neither true nor false");
        }
        inputs.enable_thinking = found->second == "true";
    }
    if (const auto found = inputs.chat_template_kwargs.find("reasoning_effort");
        found != inputs.chat_template_kwargs.end() && found->second == "\"none\"") {
        inputs.enable_thinking = false;
        inputs.chat_template_kwargs.erase(found);
    }
}

}  // namespace

bool is_chat(const wire::PredictOptions & request) {
    return request.usetokenizertemplate() && request.messages_size() > 0;
}

common_chat_templates_inputs chat_inputs(const wire::PredictOptions & request) {
    common_chat_templates_inputs inputs;
    inputs.messages = messages(request);
    inputs.tools = tools(request.tools());
    choose_tool(request.toolchoice(), inputs);
    if (!request.grammar().empty()) {
        inputs.tool_choice = COMMON_CHAT_TOOL_CHOICE_NONE;
    }
    set_template_arguments(request, inputs);
    return inputs;
}

}  // namespace serving
