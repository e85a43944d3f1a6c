// JSON that came in a request.
#pragma once

#include <json.h>

#include <string>
#include <string_view>

namespace serving {

// Throws Failure with INVALID_ARGUMENT, where the text is called `name`, unless it is JSON that is not nested too deeply:
// whoever walks through it calls itself for each level.
common_json parse_json(std::string_view name, const std::string & text);

}  // namespace serving
