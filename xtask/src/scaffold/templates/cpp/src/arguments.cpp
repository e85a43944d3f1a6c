#include "arguments.h"

#include <charconv>
#include <optional>

namespace serving {
namespace {

constexpr const char * usage = R"(usage: scaffold [--addr HOST:PORT | --addr unix:PATH] [options]

Serves backend.Backend and backend.Inspection over gRPC. When it listens it prints one line on stdout: "listening on ADDRESS".

  --addr ADDRESS         where to listen; port 0 takes a free port (default 127.0.0.1:50051)
  --grace-seconds N      how long running requests may go on after SIGTERM or SIGINT (default 5); a second signal ends them
  --version
  --help
)";

// A number from 0 to `most`.
std::optional<int> number(const std::string & text, int most) {
    int value = 0;
    const char * end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    const bool good = error == std::errc() && rest == end && value >= 0 && value <= most;
    return good ? std::optional<int>(value) : std::nullopt;
}

bool is_address(const std::string & text) {
    const size_t colon = text.rfind(':');
    if (text.rfind("unix:", 0) == 0) {
        return text.size() > 5;
    }
    return colon != std::string::npos && colon > 0 && number(text.substr(colon + 1), 65535).has_value();
}

Ending mistake(const std::string & text) {
    return {"scaffold: " + text + "; --help lists what there is\n", 2};
}

}  // namespace

std::variant<Arguments, Ending> parse_arguments(const std::vector<std::string> & words) {
    Arguments parsed;
    for (size_t i = 0; i < words.size(); ++i) {
        const size_t equals = words[i].find('=');
        const std::string name = words[i].substr(0, equals);
        if (name == "--help") {
            return Ending{usage, 0};
        }
        if (name == "--version") {
            return Ending{"scaffold " + version() + "\n", 0};
        }
        if (name != "--addr" && name != "--grace-seconds") {
            return mistake("there is no option " + words[i]);
        }
        if (equals == std::string::npos && ++i == words.size()) {
            return mistake(name + " needs a value");
        }
        const std::string value = equals == std::string::npos ? words[i] : words[i].substr(equals + 1);
        const auto seconds = number(value, 3600);
        if (name == "--addr" && is_address(value)) {
            parsed.address = value;
        } else if (name == "--grace-seconds" && seconds) {
            parsed.grace_seconds = *seconds;
        } else {
            const char * expected = name == "--addr" ? "HOST:PORT or unix:PATH" : "a number from 0 to 3600";
            return mistake(name + " is '" + value + "', expected " + expected);
        }
    }
    return parsed;
}

std::string version() {
    return "0.1.0";
}

}  // namespace serving
