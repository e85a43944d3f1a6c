// grpc-server: llama.cpp behind backend.v1.Backend.
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

int run(const backend::Arguments & arguments) {
    backend::block_stop_signals();
    backend::install_log(arguments.verbose);
    backend::load_backends(arguments.backend_dir ? arguments.backend_dir : environment("BACKEND_LIB_DIR"));
    backend::add_rpc_servers(backend::split_list(environment("LLAMACPP_GRPC_SERVERS").value_or("")));
    llama_backend_init();
    backend::serve(arguments);
    llama_backend_free();
    return 0;
}

}  // namespace

int main(int count, char ** values) {
    const auto parsed = backend::parse_arguments({values + 1, values + count});
    if (const auto * bad = std::get_if<backend::BadArguments>(&parsed)) {
        std::fprintf(stderr, "grpc-server: %s\n", bad->message.c_str());
        return 2;
    }
    if (std::holds_alternative<backend::HelpWanted>(parsed)) {
        std::fputs(backend::help_text().c_str(), stdout);
        return 0;
    }
    if (std::holds_alternative<backend::VersionWanted>(parsed)) {
        std::printf("llama-cpp, %s\n", backend::version().c_str());
        return 0;
    }
    try {
        return run(std::get<backend::Arguments>(parsed));
    } catch (const std::exception & error) {
        std::fprintf(stderr, "grpc-server: %s\n", error.what());
        return 1;
    }
}
