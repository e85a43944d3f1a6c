#include "overrides.h"

#include "failure.h"
#include "ranges.h"

#include <cstring>

namespace serving {
namespace {

template <size_t size>
void copy(const std::string & from, char (&to)[size]) {
    if (from.empty() || from.size() >= size) {
        throw invalid_argument("'" + from + "' of Overrides is empty or longer than " + std::to_string(size - 1) + " bytes");
    }
    std::memcpy(to, from.c_str(), from.size() + 1);
}

llama_model_kv_override override_of(const std::string & text) {
    const size_t equals = text.find('=');
    const size_t colon = text.find(':', equals == std::string::npos ? text.size() : equals);
    if (colon == std::string::npos) {
        throw invalid_argument("'" + text + "' of Overrides is not key=type:value");
    }
    const std::string key = text.substr(0, equals);
    const std::string type = text.substr(equals + 1, colon - equals - 1);
    const std::string value = text.substr(colon + 1);
    llama_model_kv_override made{};
    copy(key, made.key);
    if (type == "int") {
        made.tag = LLAMA_KV_OVERRIDE_TYPE_INT;
        made.val_i64 = whole_number(key, value);
    } else if (type == "float") {
        made.tag = LLAMA_KV_OVERRIDE_TYPE_FLOAT;
        made.val_f64 = number(key, value);
    } else if (type == "bool") {
        made.tag = LLAMA_KV_OVERRIDE_TYPE_BOOL;
        made.val_bool = is_on(key, value);
    } else if (type == "str") {
        made.tag = LLAMA_KV_OVERRIDE_TYPE_STR;
        copy(value, made.val_str);
    } else {
        throw invalid_argument("'" + text + "' of Overrides has the type '" + type +
                               "', but it must be int, float, bool or str");
    }
    return made;
}

}  // namespace

std::vector<llama_model_kv_override> overrides(const std::vector<std::string> & texts) {
    std::vector<llama_model_kv_override> made;
    for (const std::string & text : texts) {
        made.push_back(override_of(text));
    }
    return made;
}

}  // namespace serving
