// For code that calls itself for each character of a text.
#pragma once

#include <cstddef>
#include <functional>

namespace serving {

// Runs `body` on a thread with a stack of so many bytes, and waits for it; what it throws is thrown here. Throws
// std::bad_alloc if there is no room for the stack.
void run_with_stack(size_t bytes, const std::function<void()> & body);

}  // namespace serving
