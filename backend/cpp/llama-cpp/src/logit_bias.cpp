#include "logit_bias.h"

#include "failure.h"
#include "ranges.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <limits>

namespace serving {
namespace {

constexpr float most_bias = 1e6F;

float bias_of(const google::protobuf::Value & value) {
    if (value.kind_case() == google::protobuf::Value::kBoolValue && !value.bool_value()) {
        return -std::numeric_limits<float>::infinity();
    }
    if (value.kind_case() != google::protobuf::Value::kNumberValue) {
        throw invalid_argument("LogitBias has a value that is neither a number nor false");
    }
    return in_range("LogitBias", static_cast<float>(value.number_value()), -most_bias, most_bias);
}

}  // namespace

std::vector<llama_logit_bias> logit_bias(const std::string & json, uint32_t vocabulary_size) {
    std::vector<llama_logit_bias> biases;
    if (json.empty() || json == "null") {
        return biases;
    }
    google::protobuf::Struct object;
    if (!google::protobuf::util::JsonStringToMessage(json, &object).ok()) {
        throw invalid_argument("LogitBias is no JSON object, as {\"15\": -1.5} is one");
    }
    for (const auto & [key, value] : object.fields()) {
        const int64_t token = whole_number("LogitBias", key);
        if (token < 0 || token >= vocabulary_size) {
            throw invalid_argument("token " + key + " of LogitBias is not in the vocabulary of " +
                                   std::to_string(vocabulary_size) + " tokens");
        }
        biases.push_back({static_cast<llama_token>(token), bias_of(value)});
    }
    return biases;
}

}  // namespace serving
