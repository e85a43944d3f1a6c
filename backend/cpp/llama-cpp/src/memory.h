// Memory of this process, as the system counts it.
#pragma once

#include <cstdint>

namespace serving {

struct ProcessMemory {
    uint64_t resident_bytes = 0;
    uint64_t peak_resident_bytes = 0;
};

// Zeros where the system does not tell.
ProcessMemory process_memory();

// Gives freed memory back to the system, as far as the allocator can.
void trim_memory();

}  // namespace serving
