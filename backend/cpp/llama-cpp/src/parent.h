// Whether somebody is left who would stop this server.
#pragma once

#include <string_view>

namespace serving {

// Sends this process SIGTERM when the process that started it has ended, however it did. LOCALAI_BACKEND_PARENT_WATCH turns
// that off. A process that init started, as in a container, has nobody to lose.
void watch_parent();

// Whether LOCALAI_BACKEND_PARENT_WATCH says `false`, `0`, `no` or `off`.
bool is_off(std::string_view setting);

}  // namespace serving
