#include "memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <fstream>
#include <string>

namespace serving {

ProcessMemory process_memory() {
    ProcessMemory memory;
    std::ifstream status("/proc/self/status");
    std::string name;
    while (status >> name) {
        // The kernel counts in units of 1024 bytes and calls them kB.
        uint64_t kib = 0;
        if (name == "VmRSS:" && status >> kib) {
            memory.resident_bytes = kib * 1024;
        } else if (name == "VmHWM:" && status >> kib) {
            memory.peak_resident_bytes = kib * 1024;
        }
        std::getline(status, name);
    }
    return memory;
}

void trim_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

}  // namespace serving
