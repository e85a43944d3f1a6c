// The contract's messages and services, under a name that no type of ours can be taken for.
#pragma once

#include "backend.grpc.pb.h"

namespace serving {

namespace wire = ::backend;

}  // namespace serving
