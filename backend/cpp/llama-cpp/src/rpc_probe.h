// Whether something accepts TCP connections at an address.
#pragma once

#include <string>

namespace backend {

// `server` is HOST:PORT.
bool can_connect(const std::string & server);

}  // namespace backend
