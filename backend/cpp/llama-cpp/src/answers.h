// From what the server knows to the contract's messages.
#pragma once

#include "backend.pb.h"
#include "memory.h"
#include "metrics.h"
#include "scheduler.h"

namespace backend {

void describe(const Model & model, const LoadOptions & options, v1::ModelInfo & info);
void describe(const Load & load, v1::SlotUsage & usage);
void describe(const ProcessMemory & memory, v1::MemoryUsage & usage);
void describe(const Metrics & metrics, v1::Counters & counters);
void describe_devices(v1::StatusResponse & response);

}  // namespace backend
