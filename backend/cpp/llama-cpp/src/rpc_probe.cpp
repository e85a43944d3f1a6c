#include "rpc_probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace backend {

bool can_connect(const std::string & server) {
    const size_t colon = server.rfind(':');
    if (colon == std::string::npos) {
        return false;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo * found = nullptr;
    if (getaddrinfo(server.substr(0, colon).c_str(), server.substr(colon + 1).c_str(), &hints, &found) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    for (const addrinfo * address = found; address != nullptr; address = address->ai_next) {
        const int socket_fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
        if (socket_fd < 0) {
            continue;
        }
        const bool connected = connect(socket_fd, address->ai_addr, address->ai_addrlen) == 0;
        close(socket_fd);
        if (connected) {
            return true;
        }
    }
    return false;
}

}  // namespace backend
