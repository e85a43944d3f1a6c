// From a request to a job: its prompt in tokens, its sampler, and what ends it.
#pragma once

#include "prediction.h"
#include "session.h"

#include <memory>

namespace serving {

// Throws Failure. The session's model generates text; `prediction` is told how the answer is to be read.
std::shared_ptr<Job> make_job(const Session & session, const wire::PredictOptions & request, Prediction & prediction);

}  // namespace serving
