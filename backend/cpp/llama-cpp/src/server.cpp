#include "server.h"

#include "access.h"
#include "parent.h"
#include "probe.h"
#include "service.h"
#include "unreadable.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace serving {
namespace {

// Prompts come whole; gRPC's own limit is 4 MiB.
constexpr int most_message_bytes = 256 * 1024 * 1024;
constexpr int least_ping_interval_ms = 5000;
// For requests to end in, once they are to.
constexpr auto time_to_end = std::chrono::seconds(5);
constexpr const char * unix_scheme = "unix:";

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void wait_for_stop_signal() {
    const sigset_t set = stop_signals();
    int number = 0;
    sigwait(&set, &number);
}

bool is_unix(const std::string & address) {
    return address.rfind(unix_scheme, 0) == 0;
}

const char * path_of(const std::string & address) {
    return address.c_str() + std::char_traits<char>::length(unix_scheme);
}

std::string with_port(const std::string & address, int port) {
    return is_unix(address) ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

// Which file a path is; nothing where there is none.
std::optional<std::pair<dev_t, ino_t>> identity(const std::string & address) {
    struct stat status {};
    const bool found = is_unix(address) && lstat(path_of(address), &status) == 0;
    return found ? std::optional(std::pair(status.st_dev, status.st_ino)) : std::nullopt;
}

// Threads that compute may not look up for a long time.
void end_in(std::chrono::seconds time) {
    std::thread([time] {
        std::this_thread::sleep_for(time);
        std::fputs("the server ends although a request does not\n", stderr);
        std::_Exit(0);
    }).detach();
}

std::unique_ptr<::grpc::Server> listen(const Arguments & arguments, Service & service) {
    // gRPC would remove the socket of a server that still runs, as it does with one that was left behind.
    if (is_unix(arguments.address) && can_connect(arguments.address)) {
        throw std::runtime_error("cannot listen on " + arguments.address + "; another server does");
    }
    ::grpc::ServerBuilder builder;
    int port = 0;
    // Without this a second server would share the port and take half of the calls.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(most_message_bytes);
    // A caller may ask whether the connection lives while an answer is long in coming.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, least_ping_interval_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // The last to look at a status is the one whose refusal is told.
    auto interceptors = Access().interceptors();
    interceptors.insert(interceptors.begin(), refuse_unreadable());
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    builder.AddListeningPort(arguments.address, ::grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    builder.RegisterService(&service.inspection());
    auto server = builder.BuildAndStart();
    if (!server || port <= 0) {
        throw std::runtime_error("cannot listen on " + arguments.address +
                                 "; is the address in use, or not one of this machine?");
    }
    std::printf("listening on %s\n", with_port(arguments.address, port).c_str());
    std::fflush(stdout);
    return server;
}

}  // namespace

void block_stop_signals() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void serve(const Arguments & arguments) {
    // Shared with the thread below, which may outlive this function.
    const auto service = std::make_shared<Service>(arguments.models);
    // Before anybody can know that this serves, and lose it.
    watch_parent();
    const auto server = listen(arguments, *service);
    const auto socket = identity(arguments.address);
    wait_for_stop_signal();
    end_in(std::chrono::seconds(arguments.grace_seconds) + time_to_end);
    std::thread([service] {
        wait_for_stop_signal();
        end_in(time_to_end);
        service->shut_down();
    }).detach();
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(arguments.grace_seconds));
    service->shut_down();
    server->Wait();
    // Unless it is a successor's by now.
    if (socket && identity(arguments.address) == socket) {
        unlink(path_of(arguments.address));
    }
}

}  // namespace serving
