#include "devices.h"

#include "probe.h"

#include <ggml-backend.h>

#ifdef __linux__
#include <sched.h>
#endif

#include <stdexcept>
#include <thread>

namespace serving {

void load_backends(const std::optional<std::string> & directory) {
    // In a static build the search would load libraries of a neighbouring flavor into this one.
#ifdef GGML_BACKEND_DL
    if (directory) {
        ggml_backend_load_all_from_path(directory->c_str());
    } else {
        ggml_backend_load_all();
    }
#endif
    if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
        throw std::runtime_error("no ggml processor backend (libggml-cpu*) in " +
                                 (directory ? "'" + *directory + "'" : std::string("ggml's search path")) +
                                 "; name its directory with --backend-dir");
    }
}

void add_rpc_servers(const std::vector<std::string> & servers) {
    if (servers.empty()) {
        return;
    }
    using AddServer = ggml_backend_reg_t (*)(const char *);
    ggml_backend_reg_t rpc = ggml_backend_reg_by_name("RPC");
    const auto add = rpc == nullptr ? nullptr
                                    : reinterpret_cast<AddServer>(ggml_backend_reg_get_proc_address(
                                          rpc, "ggml_backend_rpc_add_server"));
    if (add == nullptr) {
        throw std::runtime_error("LLAMACPP_GRPC_SERVERS is set, but this build has no RPC; use the grpc flavor");
    }
    for (const std::string & server : servers) {
        // ggml ends the process when it cannot connect.
        if (!can_connect(server)) {
            throw std::runtime_error("cannot reach the RPC server '" + server + "' of LLAMACPP_GRPC_SERVERS");
        }
        ggml_backend_reg_t devices = add(server.c_str());
        if (devices == nullptr) {
            throw std::runtime_error("the RPC server '" + server + "' of LLAMACPP_GRPC_SERVERS offers no device");
        }
        ggml_backend_register(devices);
    }
}

uint32_t usable_processors() {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        return static_cast<uint32_t>(CPU_COUNT(&set));
    }
#endif
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : count;
}

}  // namespace serving
