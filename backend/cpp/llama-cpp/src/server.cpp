#include "server.h"

#include "access.h"
#include "parent.h"
#include "probe.h"
#include "service.h"

#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace serving {
namespace {

// Prompts come whole; gRPC's own limit is 4 MiB.
constexpr int most_message_bytes = 256 * 1024 * 1024;
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

std::string with_port(const std::string & address, int port) {
    return is_unix(address) ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(port);
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
    builder.experimental().SetInterceptorCreators(Access().interceptors());
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
    const auto service = std::make_shared<Service>();
    // Before anybody can know that this serves, and lose it.
    watch_parent();
    const auto server = listen(arguments, *service);
    wait_for_stop_signal();
    std::thread([service] {
        wait_for_stop_signal();
        service->shut_down();
    }).detach();
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(arguments.grace_seconds));
    service->shut_down();
    server->Wait();
    if (is_unix(arguments.address)) {
        unlink(arguments.address.c_str() + std::char_traits<char>::length(unix_scheme));
    }
}

}  // namespace serving
