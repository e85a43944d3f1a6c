#include "requests.h"

#include "devices.h"
#include "failure.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

namespace backend {
namespace {

constexpr uint32_t most_slots = 64;
constexpr uint32_t most_context = 1U << 22;
constexpr uint32_t most_batch = 1U << 16;
constexpr uint32_t most_threads = 1024;
constexpr uint32_t most_layers = 1U << 20;
constexpr uint32_t most_queued = 1U << 16;
constexpr uint32_t most_penalty_tokens = 1U << 22;
constexpr size_t most_stop_words = 256;

uint32_t in_range(const char * name, uint32_t value, uint32_t low, uint32_t high) {
    if (value < low || value > high) {
        throw invalid_argument(std::string(name) + " is " + std::to_string(value) + ", but must be " +
                               std::to_string(low) + " to " + std::to_string(high));
    }
    return value;
}

std::string text_of(float value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%g", static_cast<double>(value));
    return text;
}

float in_range(const char * name, float value, float low, float high) {
    // Written so that NaN fails.
    if (!(value >= low && value <= high)) {
        throw invalid_argument(std::string(name) + " is " + text_of(value) + ", but must be " + text_of(low) + " to " +
                               text_of(high));
    }
    return value;
}

float above_zero(const char * name, float value, float high) {
    if (!(value > 0 && value <= high)) {
        throw invalid_argument(std::string(name) + " is " + text_of(value) + ", but must be above 0 and at most " +
                               text_of(high));
    }
    return value;
}

ggml_type cache_type(const char * name, v1::CacheType type) {
    switch (type) {
        case v1::CACHE_TYPE_UNSPECIFIED:
        case v1::CACHE_TYPE_F16: return GGML_TYPE_F16;
        case v1::CACHE_TYPE_F32: return GGML_TYPE_F32;
        case v1::CACHE_TYPE_BF16: return GGML_TYPE_BF16;
        case v1::CACHE_TYPE_Q8_0: return GGML_TYPE_Q8_0;
        case v1::CACHE_TYPE_Q4_0: return GGML_TYPE_Q4_0;
        case v1::CACHE_TYPE_Q4_1: return GGML_TYPE_Q4_1;
        case v1::CACHE_TYPE_Q5_0: return GGML_TYPE_Q5_0;
        case v1::CACHE_TYPE_Q5_1: return GGML_TYPE_Q5_1;
        default: throw invalid_argument(std::string(name) + " has the unknown value " + std::to_string(type));
    }
}

llama_flash_attn_type flash_attention(v1::FlashAttention wanted) {
    switch (wanted) {
        case v1::FLASH_ATTENTION_UNSPECIFIED: return LLAMA_FLASH_ATTN_TYPE_AUTO;
        case v1::FLASH_ATTENTION_OFF: return LLAMA_FLASH_ATTN_TYPE_DISABLED;
        case v1::FLASH_ATTENTION_ON: return LLAMA_FLASH_ATTN_TYPE_ENABLED;
        default: throw invalid_argument("flash_attention has the unknown value " + std::to_string(wanted));
    }
}

enum llama_pooling_type pooling(v1::Pooling wanted) {
    switch (wanted) {
        case v1::POOLING_UNSPECIFIED: return LLAMA_POOLING_TYPE_UNSPECIFIED;
        case v1::POOLING_MEAN: return LLAMA_POOLING_TYPE_MEAN;
        case v1::POOLING_CLS: return LLAMA_POOLING_TYPE_CLS;
        case v1::POOLING_LAST: return LLAMA_POOLING_TYPE_LAST;
        default: throw invalid_argument("pooling has the unknown value " + std::to_string(wanted));
    }
}

Mirostat mirostat(v1::Mirostat wanted) {
    switch (wanted) {
        case v1::MIROSTAT_OFF: return Mirostat::off;
        case v1::MIROSTAT_V1: return Mirostat::v1;
        case v1::MIROSTAT_V2: return Mirostat::v2;
        default: throw invalid_argument("mirostat has the unknown value " + std::to_string(wanted));
    }
}

llama_token token_in(uint32_t token, uint32_t vocabulary_size) {
    if (token >= vocabulary_size) {
        throw invalid_argument("token " + std::to_string(token) + " is not in the vocabulary of " +
                               std::to_string(vocabulary_size) + " tokens");
    }
    return static_cast<llama_token>(token);
}

uint32_t random_seed() {
    std::random_device device;
    return device();
}

}  // namespace

LoadOptions load_options(const v1::LoadModelRequest & request) {
    if (request.model().empty()) {
        throw invalid_argument("model is empty; name a GGUF file");
    }
    LoadOptions options;
    options.path = request.model();
    if (request.has_context_length()) {
        options.context_length = in_range("context_length", request.context_length(), 1, most_context);
    }
    if (request.has_parallel()) {
        options.parallel = in_range("parallel", request.parallel(), 1, most_slots);
    }
    if (request.has_queue_limit()) {
        options.queue_limit = in_range("queue_limit", request.queue_limit(), 0, most_queued);
    }
    if (request.has_batch_size()) {
        options.batch_size = in_range("batch_size", request.batch_size(), 1, most_batch);
    }
    options.threads =
        request.has_threads() ? in_range("threads", request.threads(), 1, most_threads) : usable_processors();
    if (request.has_gpu_layers()) {
        options.gpu_layers = static_cast<int32_t>(in_range("gpu_layers", request.gpu_layers(), 0, most_layers));
    }
    if (request.has_mmap()) {
        options.mmap = request.mmap();
    }
    options.mlock = request.mlock();
    options.cache_type_k = cache_type("cache_type_k", request.cache_type_k());
    options.cache_type_v = cache_type("cache_type_v", request.cache_type_v());
    options.flash_attention = flash_attention(request.flash_attention());
    options.pooling = pooling(request.pooling());
    if (request.has_chat_template()) {
        options.chat_template = request.chat_template();
    }
    return options;
}

SamplingSettings sampling_settings(const v1::PredictRequest & request, uint32_t vocabulary_size) {
    const v1::SamplingOptions & options = request.sampling();
    SamplingSettings settings;
    if (options.has_temperature()) {
        settings.temperature = in_range("temperature", options.temperature(), 0, 100);
    }
    if (options.has_top_k()) {
        settings.top_k = options.top_k();
    }
    if (options.has_top_p()) {
        settings.top_p = in_range("top_p", options.top_p(), 0, 1);
    }
    if (options.has_min_p()) {
        settings.min_p = in_range("min_p", options.min_p(), 0, 1);
    }
    if (options.has_typical_p()) {
        settings.typical_p = above_zero("typical_p", options.typical_p(), 1);
    }
    if (options.has_repeat_penalty()) {
        settings.repeat_penalty = above_zero("repeat_penalty", options.repeat_penalty(), 100);
    }
    if (options.has_frequency_penalty()) {
        settings.frequency_penalty = in_range("frequency_penalty", options.frequency_penalty(), -2, 2);
    }
    if (options.has_presence_penalty()) {
        settings.presence_penalty = in_range("presence_penalty", options.presence_penalty(), -2, 2);
    }
    if (options.has_penalty_last_n()) {
        settings.penalty_last_n = in_range("penalty_last_n", options.penalty_last_n(), 0, most_penalty_tokens);
    }
    settings.seed = options.has_seed() ? options.seed() : random_seed();
    settings.mirostat = mirostat(options.mirostat());
    if (options.has_mirostat_tau()) {
        settings.mirostat_tau = above_zero("mirostat_tau", options.mirostat_tau(), 100);
    }
    if (options.has_mirostat_eta()) {
        settings.mirostat_eta = above_zero("mirostat_eta", options.mirostat_eta(), 100);
    }
    for (const v1::LogitBias & bias : options.logit_bias()) {
        if (std::isnan(bias.bias()) || bias.bias() == std::numeric_limits<float>::infinity()) {
            throw invalid_argument("a logit bias must be a number or -inf");
        }
        settings.logit_bias.push_back({token_in(bias.token(), vocabulary_size), bias.bias()});
    }
    settings.ignore_eos = request.ignore_eos();
    settings.grammar = request.grammar();
    if (settings.grammar.find('\0') != std::string::npos) {
        throw invalid_argument("the grammar holds a zero byte");
    }
    return settings;
}

std::vector<ChatTurn> chat_turns(const v1::Conversation & conversation) {
    if (conversation.messages().empty()) {
        throw invalid_argument("the conversation has no messages");
    }
    std::vector<ChatTurn> turns;
    for (const v1::ChatMessage & message : conversation.messages()) {
        if (message.role().empty()) {
            throw invalid_argument("a message has no role");
        }
        turns.push_back({message.role(), message.content()});
    }
    return turns;
}

std::vector<std::string> stop_words(const v1::PredictRequest & request) {
    if (static_cast<size_t>(request.stop_size()) > most_stop_words) {
        throw invalid_argument("more than " + std::to_string(most_stop_words) + " stop words");
    }
    for (const std::string & word : request.stop()) {
        if (word.empty()) {
            throw invalid_argument("a stop word is empty");
        }
    }
    return {request.stop().begin(), request.stop().end()};
}

uint32_t max_tokens(const v1::PredictRequest & request) {
    if (!request.has_max_tokens()) {
        return std::numeric_limits<uint32_t>::max();
    }
    return in_range("max_tokens", request.max_tokens(), 1, std::numeric_limits<uint32_t>::max());
}

Tokens tokens_of(const v1::DetokenizeRequest & request) {
    Tokens tokens;
    for (const uint32_t token : request.tokens()) {
        tokens.push_back(token_in(token, static_cast<uint32_t>(std::numeric_limits<llama_token>::max())));
    }
    return tokens;
}

}  // namespace backend
