// The compute devices of this process: loadable backends, and devices of RPC servers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace serving {

// Loads ggml's backends from `directory` in builds that load them at run time; does nothing in others. Throws
// std::runtime_error if there is no processor backend afterwards.
void load_backends(const std::optional<std::string> & directory);

// Adds the devices of RPC servers (HOST:PORT). Throws std::runtime_error if one cannot be reached or the build has no
// RPC.
void add_rpc_servers(const std::vector<std::string> & servers);

// Processors that this process may run on.
uint32_t usable_processors();

}  // namespace serving
