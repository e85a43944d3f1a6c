#include "version.h"

#include <llama.h>

namespace backend {

std::string version() {
    return std::string("llama.cpp ") + llama_version() + " (" + BACKEND_LLAMA_COMMIT + ")";
}

}  // namespace backend
