// From the contract's ModelOptions to checked values.
#pragma once

#include "model.h"
#include "wire.h"

namespace serving {

// Throws Failure with INVALID_ARGUMENT. What this server does not know of is told in the log.
LoadOptions load_options(const wire::ModelOptions & request);

}  // namespace serving
