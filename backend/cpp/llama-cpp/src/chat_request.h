// A conversation as the contract's PredictOptions have it.
#pragma once

#include "wire.h"

#include <chat.h>

namespace serving {

// Whether the request's messages are to be put into the model's template.
bool is_chat(const wire::PredictOptions & request);

// What llama.cpp's chat layer is to render. Throws Failure with INVALID_ARGUMENT.
//
// A grammar of the caller comes before that of the tools; the tools are described all the same, and the caller reads the
// calls out of the text.
common_chat_templates_inputs chat_inputs(const wire::PredictOptions & request);

}  // namespace serving
