// The settings that ModelOptions has no field for: `key:value` in its list of options.
#pragma once

#include "model.h"

#include <string>

namespace serving {

// Throws Failure with INVALID_ARGUMENT if the value makes no sense. A key that is not known is told in the log.
void set_named_option(const std::string & option, LoadOptions & options);

}  // namespace serving
