// grpc-server: llama.cpp behind backend.Backend.
#include "arguments.h"
#include "devices.h"
#include "log.h"
#include "server.h"
#include "version.h"

#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace {

std::optional<std::string> environment(const char * name) {
    const char * value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

int run(const serving::Arguments & arguments) {
    serving::block_stop_signals();
    serving::install_log(arguments.verbose);
    serving::load_backends(arguments.backend_dir ? arguments.backend_dir : environment("BACKEND_LIB_DIR"));
    serving::add_rpc_servers(serving::split_list(environment("LLAMACPP_GRPC_SERVERS").value_or("")));
    llama_backend_init();
    serving::serve(arguments);
    llama_backend_free();
    return 0;
}

}  // namespace

int main(int count, char ** values) {
    const auto parsed = serving::parse_arguments({values + 1, values + count});
    if (const auto * bad = std::get_if<serving::BadArguments>(&parsed)) {
        std::fprintf(stderr, "grpc-server: %s\n", bad->message.c_str());
        return 2;
    }
    if (std::holds_alternative<serving::HelpWanted>(parsed)) {
        std::fputs(serving::help_text().c_str(), stdout);
        return 0;
    }
    if (std::holds_alternative<serving::VersionWanted>(parsed)) {
        std::printf("llama-cpp, %s\n", serving::version().c_str());
        return 0;
    }
    try {
        return run(std::get<serving::Arguments>(parsed));
    } catch (const std::exception & error) {
        std::fprintf(stderr, "grpc-server: %s\n", error.what());
        return 1;
    }
}
