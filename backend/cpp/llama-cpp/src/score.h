// How likely a model finds each of several continuations of a prompt.
#pragma once

#include "session.h"
#include "wire.h"

namespace serving {

// Fills `response` and answers how many tokens were read. Throws Failure.
uint32_t score(Session & session, const wire::ScoreRequest & request, const std::function<bool()> & go_on,
               wire::ScoreResponse & response);

}  // namespace serving
