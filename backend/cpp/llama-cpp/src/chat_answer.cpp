#include "chat_answer.h"

#include <random>

namespace serving {
namespace {

std::string make_id() {
    constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::random_device device;
    std::uniform_int_distribution<size_t> any(0, letters.size() - 1);
    std::string id = "call_";
    for (int i = 0; i < 24; ++i) {
        id += letters[any(device)];
    }
    return id;
}

common_chat_msg_diff content(const std::string & text) {
    common_chat_msg_diff diff;
    diff.content_delta = text;
    return diff;
}

}  // namespace

std::vector<common_chat_msg_diff> ChatAnswer::feed(const std::string & text, bool last) {
    text_ += text;
    try {
        return parse(last);
    } catch (const std::exception &) {
        if (!last) {
            return {};
        }
    }
    // Cut short, or not in the model's own format.
    try {
        std::vector<common_chat_msg_diff> rest = parse(false);
        if (!told_.empty() || text_.empty()) {
            return rest;
        }
    } catch (const std::exception &) {
        if (!told_.empty()) {
            return {};
        }
    }
    return {content(text_)};
}

std::vector<common_chat_msg_diff> ChatAnswer::parse(bool last) {
    common_chat_msg now = common_chat_parse(text_, !last, parameters_);
    // A name may still grow until its arguments begin.
    if (!last && !now.tool_calls.empty() && now.tool_calls.back().arguments.empty()) {
        now.tool_calls.pop_back();
    }
    now.set_tool_call_ids(ids_, make_id);
    std::vector<common_chat_msg_diff> diffs = common_chat_msg_diff::compute_diffs(told_, now);
    told_ = std::move(now);
    return diffs;
}

}  // namespace serving
