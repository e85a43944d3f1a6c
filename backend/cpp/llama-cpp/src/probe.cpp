#include "probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace serving {
namespace {

bool connects(int family, const sockaddr * address, socklen_t size) {
    const int descriptor = socket(family, SOCK_STREAM, 0);
    if (descriptor < 0) {
        return false;
    }
    const bool connected = connect(descriptor, address, size) == 0;
    close(descriptor);
    return connected;
}

bool connects_to_path(const std::string & path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return connects(AF_UNIX, reinterpret_cast<const sockaddr *>(&address), sizeof(address));
}

bool connects_to_host(const std::string & host, const std::string & port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo * found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    for (const addrinfo * address = found; address != nullptr; address = address->ai_next) {
        if (connects(address->ai_family, address->ai_addr, address->ai_addrlen)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool can_connect(const std::string & address) {
    if (address.rfind("unix:", 0) == 0) {
        return connects_to_path(address.substr(5));
    }
    const size_t colon = address.rfind(':');
    return colon != std::string::npos && connects_to_host(address.substr(0, colon), address.substr(colon + 1));
}

}  // namespace serving
