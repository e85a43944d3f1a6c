// The server's command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace serving {

struct Arguments {
    // HOST:PORT, where port 0 takes a free one, or unix:PATH.
    std::string address = "127.0.0.1:50051";
    // Where ggml's loadable backends are; absent: where ggml looks by itself.
    std::optional<std::string> backend_dir;
    // Where models may be; absent: anywhere.
    std::optional<std::string> models;
    // How long running requests may go on after SIGTERM.
    int grace_seconds = 5;
    bool verbose = false;
};

struct HelpWanted {};
struct VersionWanted {};
struct BadArguments {
    std::string message;
};

using ParsedArguments = std::variant<Arguments, HelpWanted, VersionWanted, BadArguments>;

// Both `--option value` and `--option=value` are understood.
ParsedArguments parse_arguments(const std::vector<std::string> & arguments);

std::string help_text();

// The parts of a comma list, without empty ones and without blanks around them.
std::vector<std::string> split_list(std::string_view list);

}  // namespace serving
