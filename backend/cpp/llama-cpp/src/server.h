// The process's life: listen, say where, wait for a signal, stop in good order.
#pragma once

#include "arguments.h"

namespace serving {

// Blocks SIGINT and SIGTERM for this thread and those that it starts; must run before any other thread exists.
void block_stop_signals();

// Serves until a signal comes. Throws std::runtime_error if the address cannot be had.
void serve(const Arguments & arguments);

}  // namespace serving
