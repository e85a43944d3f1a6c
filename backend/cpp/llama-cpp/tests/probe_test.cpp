#include "probe.h"

#include "check.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

// A socket on a free port of the loopback, listening or only bound.
struct LocalSocket {
    explicit LocalSocket(bool listening) : fd(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT(bind(fd, reinterpret_cast<sockaddr *>(&address), size) == 0);
        EXPECT(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0);
        EXPECT(!listening || listen(fd, 1) == 0);
        name = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    ~LocalSocket() { close(fd); }

    int fd;
    std::string name;
};

}  // namespace

TEST(only_a_listening_server_can_be_connected_to) {
    EXPECT(serving::can_connect(LocalSocket(true).name));
    EXPECT(!serving::can_connect(LocalSocket(false).name));
    EXPECT(!serving::can_connect("127.0.0.1"));
}

TEST(a_unix_socket_lives_as_long_as_its_server) {
    char directory[] = "/tmp/probe-XXXXXX";
    EXPECT(mkdtemp(directory) != nullptr);
    const std::string path = std::string(directory) + "/socket";
    EXPECT(!serving::can_connect("unix:" + path));
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", path.c_str());
    EXPECT(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0);
    EXPECT(listen(fd, 1) == 0);
    EXPECT(serving::can_connect("unix:" + path));
    close(fd);
    EXPECT(!serving::can_connect("unix:" + path));
    unlink(path.c_str());
    rmdir(directory);
}
