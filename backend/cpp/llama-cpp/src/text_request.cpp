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
constexpr float most = 100;

// Fits into the field that can ask for it again.
uint32_t random_seed() {
    std::random_device device;
    return device() & 0x7fffffffU;
}

// The contract's zero, which it cannot tell from absence, means another number.
float unless_zero(float value, float otherwise) {
    return value == 0 ? otherwise : value;
}

Mirostat mirostat(int32_t version) {
    switch (in_range("Mirostat", int64_t{version}, 0, 2)) {
        case 1: return Mirostat::v1;
        case 2: return Mirostat::v2;
        default: return Mirostat::off;
    }
}

uint32_t penalty_last_n(int32_t repeat, uint32_t context_length) {
    const auto wanted = in_range("Repeat", int64_t{repeat}, -1, std::numeric_limits<int32_t>::max());
    return wanted < 0 ? context_length : std::min(static_cast<uint32_t>(wanted), context_length);
}

SamplingSettings sampling_settings(const wire::PredictOptions & request, uint32_t vocabulary_size,
                                   uint32_t context_length) {
    SamplingSettings settings;
    settings.temperature = in_range("Temperature", request.temperature() < 0 ? 0 : request.temperature(), 0.0F, most);
    settings.top_k = static_cast<uint32_t>(std::max(request.topk(), 0));
    settings.top_p = in_range("TopP", request.topp() > 1 ? 1 : unless_zero(request.topp(), 1), 0.0F, 1.0F);
    settings.min_p = in_range("MinP", request.minp(), 0.0F, 1.0F);
    settings.typical_p = in_range("TypicalP", unless_zero(request.typicalp(), 1), 0.0F, 1.0F);
    settings.repeat_penalty = in_range("Penalty", request.penalty() <= 0 ? 1 : request.penalty(), 0.0F, most);
    settings.frequency_penalty = in_range("FrequencyPenalty", request.frequencypenalty(), -2.0F, 2.0F);
    settings.presence_penalty = in_range("PresencePenalty", request.presencepenalty(), -2.0F, 2.0F);
    settings.penalty_last_n = penalty_last_n(request.repeat(), context_length);
    settings.seed = request.seed() == -1 ? random_seed() : static_cast<uint32_t>(request.seed());
    settings.mirostat = mirostat(request.mirostat());
    settings.mirostat_tau = in_range("MirostatTAU", unless_zero(request.mirostattau(), 5), 0.0F, most);
    settings.mirostat_eta = in_range("MirostatETA", unless_zero(request.mirostateta(), 0.1F), 0.0F, most);
    settings.logit_bias = logit_bias(request.logitbias(), vocabulary_size);
    settings.ignore_eos = request.ignoreeos();
    settings.grammar = request.grammar();
    if (settings.grammar.find('\0') != std::string::npos) {
        throw invalid_argument("the grammar holds a zero byte");
    }
    return settings;
}

std::vector<ChatTurn> chat_turns(const wire::PredictOptions & request) {
    std::vector<ChatTurn> turns;
    for (const wire::Message & message : request.messages()) {
        if (message.role().empty()) {
            throw invalid_argument("a message has no role");
        }
        turns.push_back({message.role(), message.content()});
    }
    return turns;
}

std::variant<std::string, std::vector<ChatTurn>> input(const wire::PredictOptions & request) {
    if (is_chat(request)) {
        return chat_turns(request);
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

void refuse_what_is_not_served(const wire::PredictOptions & request) {
    const auto refuse = [](const char * what) {
        throw Failure(::grpc::StatusCode::UNIMPLEMENTED, std::string("this server does not do ") + what);
    };
    if (request.images_size() > 0 || request.videos_size() > 0 || request.audios_size() > 0) {
        refuse("Images, Videos and Audios; it reads text only");
    }
    if (request.logprobs() > 0) {
        refuse("Logprobs");
    }
    if (is_chat(request) && !request.tools().empty()) {
        refuse("Tools with UseTokenizerTemplate; put them into the Prompt, and their Grammar beside it");
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
    made.sampling = sampling_settings(request, vocabulary_size, context_length);
    return made;
}

bool is_chat(const wire::PredictOptions & request) {
    return request.usetokenizertemplate() && request.messages_size() > 0;
}

}  // namespace serving
