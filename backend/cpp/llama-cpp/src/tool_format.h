// How a chat template writes calls of tools, for callers that read them out of the text themselves.
#pragma once

#include "wire.h"

#include <string>

namespace serving {

// Found out by rendering the template with calls and without; leaves the metadata as they are where it writes none.
void describe_tool_format(const std::string & jinja, wire::ModelMetadataResponse & metadata);

}  // namespace serving
