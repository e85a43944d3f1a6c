// Whether something accepts connections at an address.
#pragma once

#include <string>

namespace serving {

// `address` is HOST:PORT or unix:PATH.
bool can_connect(const std::string & address);

}  // namespace serving
