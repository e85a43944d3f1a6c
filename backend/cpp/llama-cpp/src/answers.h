// From what the server knows to the contract's messages.
#pragma once

#include "embedder.h"
#include "memory.h"
#include "metrics.h"
#include "scheduler.h"
#include "wire.h"

namespace serving {

void describe(const Model & model, const LoadOptions & options, wire::ModelInfo & info);
void describe(const Load & load, wire::SlotUsage & usage);
void describe(const ProcessMemory & memory, wire::MemoryUsageData & usage);
void describe(const Metrics & metrics, wire::Counters & counters);
void describe(const LastRequest & last, wire::MetricsResponse & response);
void describe(const Vectors & vectors, wire::EmbeddingResult & result);
void describe_devices(wire::Inspected & inspected);

}  // namespace serving
