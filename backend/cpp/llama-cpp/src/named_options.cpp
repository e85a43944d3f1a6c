#include "named_options.h"

#include "failure.h"
#include "ranges.h"

#include <chat.h>

#include <cstdio>

namespace serving {
namespace {

constexpr int64_t most_slots = 64;
constexpr int64_t most_queued = 1 << 16;
constexpr int64_t most_guesses = 64;
constexpr int64_t most_layers = 1 << 30;
constexpr int64_t most_thoughts = 1 << 30;
constexpr int64_t most_image_tokens = 1 << 16;

enum llama_pooling_type pooling(const std::string & name) {
    constexpr std::pair<const char *, enum llama_pooling_type> known[] = {{"none", LLAMA_POOLING_TYPE_NONE},
                                                                          {"mean", LLAMA_POOLING_TYPE_MEAN},
                                                                          {"cls", LLAMA_POOLING_TYPE_CLS},
                                                                          {"last", LLAMA_POOLING_TYPE_LAST},
                                                                          {"rank", LLAMA_POOLING_TYPE_RANK}};
    for (const auto & [word, type] : known) {
        if (name == word) {
            return type;
        }
    }
    throw invalid_argument("pooling_type is '" + name + "', but must be none, mean, cls, last or rank");
}

// llama.cpp's numbers: -1 is none, 2 the Euclidean length.
bool normalize(const std::string & value) {
    const int64_t kind = whole_number("embd_normalize", value);
    if (kind != -1 && kind != 2) {
        throw invalid_argument("embd_normalize is " + value + ", but must be -1 (as they are) or 2 (of length 1)");
    }
    return kind == 2;
}

common_reasoning_format reasoning(const std::string & name) {
    try {
        return common_reasoning_format_from_name(name);
    } catch (const std::exception &) {
        throw invalid_argument("reasoning_format is '" + name + "', but must be none, auto, deepseek or deepseek-legacy");
    }
}

// Settings for what this server always does in one way.
bool changes_nothing(const std::string & key) {
    return key == "context_shift" || key == "cache_ram";
}

}  // namespace

void set_named_option(const std::string & option, LoadOptions & options) {
    const size_t colon = option.find(':');
    const std::string key = option.substr(0, colon);
    const std::string value = colon == std::string::npos ? "true" : option.substr(colon + 1);
    if (key == "parallel" || key == "n_parallel") {
        options.parallel = static_cast<uint32_t>(in_range(key, whole_number(key, value), 1, most_slots));
    } else if (key == "queue") {
        options.queue_limit = static_cast<uint32_t>(in_range(key, whole_number(key, value), 0, most_queued));
    } else if (key == "pooling_type") {
        options.pooling = pooling(value);
    } else if (key == "embd_normalize") {
        options.normalize = normalize(value);
    } else if (key == "chat_template") {
        options.chat_template = value;
    } else if (key == "use_jinja" || key == "jinja") {
        options.jinja = is_on(key, value);
    } else if (key == "draft_max" || key == "spec_n_max") {
        options.draft.max_tokens = static_cast<uint32_t>(in_range(key, whole_number(key, value), 1, most_guesses));
    } else if (key == "draft_min" || key == "spec_n_min") {
        options.draft.min_tokens = static_cast<uint32_t>(in_range(key, whole_number(key, value), 0, most_guesses));
    } else if (key == "draft_p_min" || key == "spec_p_min") {
        options.draft.min_probability = in_range(key, static_cast<float>(number(key, value)), 0.0F, 1.0F);
    } else if (key == "draft_gpu_layers") {
        options.draft.gpu_layers = static_cast<int32_t>(in_range(key, whole_number(key, value), -1, most_layers));
    } else if (key == "mmproj_use_gpu" || key == "mmproj_offload") {
        options.projector_on_gpu = is_on(key, value);
    } else if (key == "image_min_tokens" || key == "image_max_tokens") {
        int32_t & tokens = key == "image_min_tokens" ? options.image_min_tokens : options.image_max_tokens;
        tokens = static_cast<int32_t>(in_range(key, whole_number(key, value), 1, most_image_tokens));
    } else if (key == "reasoning_format") {
        options.reasoning = reasoning(value);
    } else if (key == "reasoning_budget") {
        options.reasoning_budget = static_cast<int32_t>(in_range(key, whole_number(key, value), -1, most_thoughts));
    } else if (!changes_nothing(key)) {
        std::fprintf(stderr, "the option '%s' is not known here, and is passed over\n", key.c_str());
    }
}

}  // namespace serving
