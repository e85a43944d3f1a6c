// Puts documents into the order in which a ranking model finds that they answer a query.
#pragma once

#include "session.h"
#include "wire.h"

namespace serving {

// Fills `result` and answers how many tokens were read. Throws Failure. Asks `go_on` before each document.
uint32_t rerank(Session & session, const wire::RerankRequest & request, const std::function<bool()> & go_on,
                wire::RerankResult & result);

}  // namespace serving
