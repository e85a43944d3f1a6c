#include "text_request.h"

#include "failure.h"
#include "logit_bias.h"
#include "ranges.h"

#include <algorithm>
#include <limits>
#include <random>

namespace serving {
namespace {

constexpr size_t most_stop_words = 256;
// As OpenAI has it.
constexpr int64_t most_alternatives = 20;
constexpr int64_t most_guesses = 64;
constexpr float most = 100;
constexpr float least_penalty = 0.01F;

// Fits into the field that can ask for it again.
uint32_t random_seed() {
    std::random_device device;
    return device() & 0x7fffffffU;
}

// The contract's zero, which it cannot tell from absence, means another number.
float unless_zero(float value, float otherwise) {
    return value == 0 ? otherwise : value;
}

uint32_t penalty_last_n(int32_t repeat, uint32_t context_length) {
    const auto wanted = in_range("Repeat", int64_t{repeat}, -1, std::numeric_limits<int32_t>::max());
    return wanted < 0 ? context_length : std::min(static_cast<uint32_t>(wanted), context_length);
}

std::vector<common_sampler_type> samplers(bool greedy) {
    if (greedy) {
        return {COMMON_SAMPLER_TYPE_PENALTIES, COMMON_SAMPLER_TYPE_TOP_K};
    }
    return {COMMON_SAMPLER_TYPE_PENALTIES, COMMON_SAMPLER_TYPE_TOP_K, COMMON_SAMPLER_TYPE_TYPICAL_P,
            COMMON_SAMPLER_TYPE_TOP_P,     COMMON_SAMPLER_TYPE_MIN_P, COMMON_SAMPLER_TYPE_TEMPERATURE};
}

common_params_sampling sampling_settings(const wire::PredictOptions & request, uint32_t vocabulary_size,
                                         uint32_t context_length) {
    common_params_sampling settings;
    settings.no_perf = true;
    settings.min_keep = 1;
    settings.temp = in_range("Temperature", request.temperature() < 0 ? 0 : request.temperature(), 0.0F, most);
    const bool greedy = settings.temp == 0;
    settings.samplers = samplers(greedy);
    settings.top_k = greedy ? 1 : std::max(request.topk(), 0);
    settings.top_p = in_range("TopP", request.topp() > 1 ? 1 : unless_zero(request.topp(), 1), 0.0F, 1.0F);
    settings.min_p = in_range("MinP", request.minp(), 0.0F, 1.0F);
    settings.typ_p = in_range("TypicalP", unless_zero(request.typicalp(), 1), 0.0F, 1.0F);
    settings.penalty_repeat = in_range("Penalty", request.penalty() <= 0 ? 1 : request.penalty(), least_penalty, most);
    settings.penalty_freq = in_range("FrequencyPenalty", request.frequencypenalty(), -2.0F, 2.0F);
    settings.penalty_present = in_range("PresencePenalty", request.presencepenalty(), -2.0F, 2.0F);
    settings.penalty_last_n = static_cast<int32_t>(penalty_last_n(request.repeat(), context_length));
    settings.seed = request.seed() == -1 ? random_seed() : static_cast<uint32_t>(request.seed());
    const auto mirostat = static_cast<int32_t>(in_range("Mirostat", int64_t{request.mirostat()}, 0, 2));
    settings.mirostat = greedy ? 0 : mirostat;
    settings.mirostat_tau = in_range("MirostatTAU", unless_zero(request.mirostattau(), 5), 0.0F, most);
    settings.mirostat_eta = in_range("MirostatETA", unless_zero(request.mirostateta(), 0.1F), 0.0F, most);
    settings.logit_bias = logit_bias(request.logitbias(), vocabulary_size);
    settings.ignore_eos = request.ignoreeos();
    if (request.grammar().find('\0') != std::string::npos) {
        throw invalid_argument("the grammar holds a zero byte");
    }
    if (!request.grammar().empty()) {
        settings.grammar = {COMMON_GRAMMAR_TYPE_USER, request.grammar()};
    }
    return settings;
}

std::variant<std::string, common_chat_templates_inputs> input(const wire::PredictOptions & request) {
    if (is_chat(request)) {
        return chat_inputs(request);
    }
    if (request.prompt().empty()) {
        throw invalid_argument("the request has neither a Prompt, nor Messages with UseTokenizerTemplate");
    }
    return request.prompt();
}

// A caller who sets none may send empty ones.
std::vector<std::string> stop_words(const wire::PredictOptions & request) {
    std::vector<std::string> words;
    std::copy_if(request.stopprompts().begin(), request.stopprompts().end(), std::back_inserter(words),
                 [](const std::string & word) { return !word.empty(); });
    if (words.size() > most_stop_words) {
        throw invalid_argument("more than " + std::to_string(most_stop_words) + " StopPrompts");
    }
    return words;
}

std::optional<uint32_t> logprobs(const wire::PredictOptions & request) {
    const auto wanted = in_range("Logprobs", int64_t{request.logprobs()}, 0, most_alternatives);
    const auto alternatives = in_range("TopLogprobs", int64_t{request.toplogprobs()}, 0, most_alternatives);
    return wanted + alternatives == 0 ? std::nullopt : std::optional(static_cast<uint32_t>(alternatives));
}

void refuse_what_is_not_served(const wire::PredictOptions & request) {
    if (request.videos_size() > 0) {
        throw Failure(::grpc::StatusCode::UNIMPLEMENTED, "this server does not read Videos; send Images of them");
    }
}

}  // namespace

TextRequest text_request(const wire::PredictOptions & request, uint32_t vocabulary_size, uint32_t context_length) {
    refuse_what_is_not_served(request);
    TextRequest made;
    made.input = input(request);
    made.max_tokens =
        request.tokens() <= 0 ? std::numeric_limits<uint32_t>::max() : static_cast<uint32_t>(request.tokens());
    made.stop_words = stop_words(request);
    made.logprobs = logprobs(request);
    if (request.ndraft() != 0) {
        made.guesses = static_cast<uint32_t>(in_range("NDraft", int64_t{request.ndraft()}, 0, most_guesses));
    }
    made.sampling = sampling_settings(request, vocabulary_size, context_length);
    return made;
}

}  // namespace serving
