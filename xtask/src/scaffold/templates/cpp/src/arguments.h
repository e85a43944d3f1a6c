// The server's command line.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace serving {

struct Arguments {
    // HOST:PORT, where port 0 takes a free one, or unix:PATH.
    std::string address = "127.0.0.1:50051";
    // How long running requests may go on after SIGTERM.
    int grace_seconds = 5;
};

// What is printed before the process ends at once.
struct Ending {
    std::string text;
    // 0 for help and version, 2 for a mistake.
    int code = 0;
};

// Both `--option value` and `--option=value` are understood.
std::variant<Arguments, Ending> parse_arguments(const std::vector<std::string> & words);

// What it was built from, for people.
std::string version();

}  // namespace serving
