#include "version.h"

#include <llama.h>

namespace serving {

std::string version() {
    return std::string("llama.cpp ") + llama_version() + " (" + BACKEND_LLAMA_COMMIT + ")";
}

}  // namespace serving
