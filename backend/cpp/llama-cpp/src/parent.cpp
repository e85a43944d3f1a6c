#include "parent.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>

namespace serving {
namespace {

constexpr std::chrono::milliseconds interval(500);

}  // namespace

void watch_parent() {
    const char * setting = std::getenv("LOCALAI_BACKEND_PARENT_WATCH");
    const pid_t parent = getppid();
    if (parent <= 1 || (setting != nullptr && is_off(setting))) {
        return;
    }
    std::thread([parent] {
        while (getppid() == parent) {
            std::this_thread::sleep_for(interval);
        }
        kill(getpid(), SIGTERM);
    }).detach();
}

bool is_off(std::string_view setting) {
    constexpr const char * blanks = " \t\r\n";
    const size_t first = setting.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return false;
    }
    std::string word(setting.substr(first, setting.find_last_not_of(blanks) - first + 1));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    constexpr std::array<std::string_view, 4> off{"false", "0", "no", "off"};
    return std::find(off.begin(), off.end(), word) != off.end();
}

}  // namespace serving
