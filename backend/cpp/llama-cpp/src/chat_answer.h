// What a model answers to a conversation, told apart: content, thoughts, calls of tools.
#pragma once

#include <chat.h>

#include <string>
#include <vector>

namespace serving {

class ChatAnswer {
public:
    explicit ChatAnswer(common_chat_parser_params parameters) : parameters_(std::move(parameters)) {}

    // What there is to tell now that `text` has come, and whether it was the last; a call is told as soon as its name is
    // sure. What the model's format does not allow is content: a request never fails for it.
    std::vector<common_chat_msg_diff> feed(const std::string & text, bool last);

private:
    std::vector<common_chat_msg_diff> parse(bool last);

    common_chat_parser_params parameters_;
    std::string text_;
    common_chat_msg told_;
    std::vector<std::string> ids_;
};

}  // namespace serving
