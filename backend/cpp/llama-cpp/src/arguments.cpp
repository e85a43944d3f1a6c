#include "arguments.h"

#include <charconv>
#include <cstddef>

namespace serving {
namespace {

constexpr int max_grace_seconds = 3600;

std::optional<int> parse_seconds(const std::string & text) {
    int value = 0;
    const char * end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end || value < 0 || value > max_grace_seconds) {
        return std::nullopt;
    }
    return value;
}

bool is_address(const std::string & text) {
    if (text.rfind("unix:", 0) == 0) {
        return text.size() > 5;
    }
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return false;
    }
    unsigned port = 0;
    const char * end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + colon + 1, end, port);
    return result.ec == std::errc() && result.ptr == end && port <= 65535;
}

}  // namespace

ParsedArguments parse_arguments(const std::vector<std::string> & arguments) {
    Arguments parsed;
    for (size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        std::optional<std::string> value;
        if (const size_t equals = name.find('='); name.rfind("--", 0) == 0 && equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        if (name == "--help" || name == "-h") {
            return HelpWanted{};
        }
        if (name == "--version" || name == "-V") {
            return VersionWanted{};
        }
        if (name == "--verbose" || name == "-v") {
            if (value) {
                return BadArguments{name + " takes no value"};
            }
            parsed.verbose = true;
            continue;
        }
        if (name != "--addr" && name != "--backend-dir" && name != "--models" && name != "--grace-seconds") {
            return BadArguments{"unknown argument '" + arguments[i] + "'; --help lists what there is"};
        }
        if (!value) {
            if (++i == arguments.size()) {
                return BadArguments{name + " needs a value"};
            }
            value = arguments[i];
        }
        if (name == "--addr") {
            if (!is_address(*value)) {
                return BadArguments{"--addr: '" + *value + "' is neither HOST:PORT nor unix:PATH"};
            }
            parsed.address = *value;
        } else if (name == "--backend-dir" || name == "--models") {
            if (value->empty()) {
                return BadArguments{name + " needs a directory"};
            }
            (name == "--models" ? parsed.models : parsed.backend_dir) = *value;
        } else if (const auto seconds = parse_seconds(*value)) {
            parsed.grace_seconds = *seconds;
        } else {
            return BadArguments{"--grace-seconds: '" + *value + "' is no number from 0 to 3600"};
        }
    }
    return parsed;
}

std::string help_text() {
    return R"(usage: grpc-server [--addr HOST:PORT | --addr unix:PATH] [options]

Serves backend.Backend and backend.Inspection over gRPC. When it listens it prints one line on stdout: `listening on ADDRESS`.

  --addr ADDRESS         where to listen; port 0 takes a free port (default 127.0.0.1:50051)
  --backend-dir DIR      where ggml's loadable backends are (default $BACKEND_LIB_DIR, else where ggml looks itself)
  --models DIR           load files of this directory alone, links followed (default: any that this user may read)
  --grace-seconds N      how long running requests may go on after SIGTERM or SIGINT (default 5); a second signal ends them
  -v, --verbose          the whole log of llama.cpp on stderr, not only warnings
  -V, --version
  -h, --help

environment:
  BACKEND_LIB_DIR        as --backend-dir
  LLAMACPP_GRPC_SERVERS  HOST:PORT,... of RPC servers whose devices are used as well (builds with GGML_RPC)
  LOCALAI_GRPC_AUTH_TOKEN       demand `authorization: Bearer TOKEN` of every call
  LOCALAI_BACKEND_PARENT_WATCH  `off`: go on when the process that started this one has ended

exit codes: 0 stopped by a signal, 1 could not start, 2 bad arguments
)";
}

std::vector<std::string> split_list(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const size_t comma = list.find(',');
        std::string_view part = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        const size_t first = part.find_first_not_of(" \t");
        if (first != std::string_view::npos) {
            parts.emplace_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
        }
    }
    return parts;
}

}  // namespace serving
