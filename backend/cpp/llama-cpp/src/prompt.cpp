#include "prompt.h"

namespace serving {

std::vector<PromptPart> split_at(std::string_view marker, std::string_view prompt) {
    std::vector<PromptPart> parts;
    for (size_t at = prompt.find(marker); at != std::string_view::npos; at = prompt.find(marker)) {
        parts.push_back({PromptPart::Kind::markup, std::string(prompt.substr(0, at))});
        parts.push_back({PromptPart::Kind::media, {}});
        prompt.remove_prefix(at + marker.size());
    }
    parts.push_back({PromptPart::Kind::markup, std::string(prompt)});
    std::erase_if(parts, [](const PromptPart & part) { return part.kind == PromptPart::Kind::markup && part.text.empty(); });
    return parts;
}

Prompt tokenize(const Model & model, const std::vector<PromptPart> & parts) {
    Prompt prompt;
    bool first = true;
    for (const PromptPart & part : parts) {
        const Tokens more = model.tokenize(part.text, first, part.kind == PromptPart::Kind::markup);
        prompt.tokens.insert(prompt.tokens.end(), more.begin(), more.end());
        first = false;
    }
    return prompt;
}

}  // namespace serving
