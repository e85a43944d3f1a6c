// What goes wrong and is told to the caller: a gRPC status code and a sentence that says what to do.
#pragma once

#include <grpcpp/support/status.h>

#include <stdexcept>
#include <string>

namespace serving {

class Failure : public std::runtime_error {
public:
    Failure(::grpc::StatusCode code, const std::string & message) : std::runtime_error(message), code_(code) {}

    ::grpc::StatusCode code() const { return code_; }
    ::grpc::Status status() const { return {code_, what()}; }

private:
    ::grpc::StatusCode code_;
};

inline Failure invalid_argument(const std::string & message) {
    return {::grpc::StatusCode::INVALID_ARGUMENT, message};
}

inline Failure failed_precondition(const std::string & message) {
    return {::grpc::StatusCode::FAILED_PRECONDITION, message};
}

inline Failure resource_exhausted(const std::string & message) {
    return {::grpc::StatusCode::RESOURCE_EXHAUSTED, message};
}

// The samplers and whoever compares vectors would go on with such numbers, and so would their answers.
inline Failure not_finite(const std::string & what) {
    return {::grpc::StatusCode::INTERNAL,
            "the model's " + what + " are no finite numbers; its file may be damaged, or its weights overflow"};
}

}  // namespace serving
