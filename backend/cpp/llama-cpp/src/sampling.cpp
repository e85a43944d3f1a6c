#include "sampling.h"

#include "failure.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serving {
namespace {

constexpr float forbidden = -std::numeric_limits<float>::infinity();
// The number of candidates that mirostat v1 estimates its tail from, as its paper has it.
constexpr int32_t mirostat_candidates = 100;

std::vector<llama_logit_bias> all_biases(const Model & model, const SamplingSettings & settings) {
    std::vector<llama_logit_bias> biases = settings.logit_bias;
    int32_t count = 0;
    const llama_token * suppressed = llama_vocab_get_suppress_tokens(model.vocab(), &count);
    for (int32_t i = 0; i < count; ++i) {
        biases.push_back({suppressed[i], forbidden});
    }
    if (settings.ignore_eos) {
        for (llama_token token = 0; token < llama_vocab_n_tokens(model.vocab()); ++token) {
            if (llama_vocab_is_eog(model.vocab(), token)) {
                biases.push_back({token, forbidden});
            }
        }
    }
    return biases;
}

// llama.cpp takes this one number for "choose a seed yourself".
uint32_t plain_seed(uint32_t seed) {
    return seed == LLAMA_DEFAULT_SEED ? seed - 1 : seed;
}

void add_choice(llama_sampler * chain, const Model & model, const SamplingSettings & settings) {
    const uint32_t seed = plain_seed(settings.seed);
    if (settings.temperature <= 0.0F) {
        llama_sampler_chain_add(chain, llama_sampler_init_greedy());
        return;
    }
    if (settings.mirostat != Mirostat::off) {
        llama_sampler_chain_add(chain, llama_sampler_init_temp(settings.temperature));
        llama_sampler_chain_add(
            chain, settings.mirostat == Mirostat::v1
                       ? llama_sampler_init_mirostat(llama_vocab_n_tokens(model.vocab()), seed, settings.mirostat_tau,
                                                     settings.mirostat_eta, mirostat_candidates)
                       : llama_sampler_init_mirostat_v2(seed, settings.mirostat_tau, settings.mirostat_eta));
        return;
    }
    llama_sampler_chain_add(chain, llama_sampler_init_top_k(static_cast<int32_t>(
                                       std::min<uint32_t>(settings.top_k, model.vocabulary_size()))));
    llama_sampler_chain_add(chain, llama_sampler_init_typical(settings.typical_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_top_p(settings.top_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_min_p(settings.min_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_temp(settings.temperature));
    llama_sampler_chain_add(chain, llama_sampler_init_dist(seed));
}

bool has_penalties(const SamplingSettings & settings) {
    return settings.penalty_last_n > 0 && (settings.repeat_penalty != 1.0F || settings.frequency_penalty != 0.0F ||
                                           settings.presence_penalty != 0.0F);
}

// The regular expression that finds a word.
std::string pattern_of(const std::string & word) {
    std::string pattern;
    for (const char c : word) {
        if (std::string_view("^$\\.*+?()[]{}|").find(c) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

}  // namespace

Sampler::Sampler(const Model & model, const SamplingSettings & settings)
    : vocabulary_size_(model.vocabulary_size()), penalty_last_n_(0) {
    llama_sampler_chain_params parameters = llama_sampler_chain_default_params();
    parameters.no_perf = true;
    chain_.reset(llama_sampler_chain_init(parameters));

    const auto biases = all_biases(model, settings);
    if (!biases.empty()) {
        llama_sampler_chain_add(chain_.get(), llama_sampler_init_logit_bias(llama_vocab_n_tokens(model.vocab()),
                                                                            static_cast<int32_t>(biases.size()),
                                                                            biases.data()));
    }
    if (has_penalties(settings)) {
        penalty_last_n_ = settings.penalty_last_n;
        llama_sampler_chain_add(
            chain_.get(), llama_sampler_init_penalties(llama_vocab_n_tokens(model.vocab()),
                                                       static_cast<int32_t>(settings.penalty_last_n),
                                                       settings.repeat_penalty, settings.frequency_penalty,
                                                       settings.presence_penalty));
    }
    add_choice(chain_.get(), model, settings);

    if (!settings.grammar.empty()) {
        add_grammar(model, settings);
    }
}

void Sampler::add_grammar(const Model & model, const SamplingSettings & settings) {
    const char * grammar = settings.grammar.c_str();
    if (settings.grammar_triggers.empty()) {
        grammar_.reset(llama_sampler_init_grammar(model.vocab(), grammar, "root"));
    } else {
        std::vector<std::string> patterns;
        std::transform(settings.grammar_triggers.begin(), settings.grammar_triggers.end(), std::back_inserter(patterns),
                       pattern_of);
        std::vector<const char *> texts;
        std::transform(patterns.begin(), patterns.end(), std::back_inserter(texts),
                       [](const std::string & pattern) { return pattern.c_str(); });
        grammar_.reset(llama_sampler_init_grammar_lazy_patterns(model.vocab(), grammar, "root", texts.data(), texts.size(),
                                                                nullptr, 0));
    }
    if (!grammar_) {
        // llama.cpp tells the place on stderr and nowhere else.
        throw invalid_argument("the grammar does not parse as GBNF with a start rule `root`; the server's stderr says where");
    }
}

void Sampler::accept_prompt(const Tokens & prompt) {
    const size_t count = std::min<size_t>(prompt.size(), penalty_last_n_);
    for (size_t i = prompt.size() - count; i < prompt.size(); ++i) {
        llama_sampler_accept(chain_.get(), prompt[i]);
    }
}

void Sampler::load_candidates(llama_context * context, int32_t index) {
    const float * logits = llama_get_logits_ith(context, index);
    if (logits == nullptr) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the model gave no logits");
    }
    candidates_.resize(vocabulary_size_);
    for (size_t i = 0; i < vocabulary_size_; ++i) {
        candidates_[i] = {static_cast<llama_token>(i), logits[i], 0.0F};
    }
    array_ = {candidates_.data(), candidates_.size(), -1, false};
}

llama_token Sampler::choose() {
    llama_sampler_apply(chain_.get(), &array_);
    if (array_.selected < 0 || static_cast<size_t>(array_.selected) >= array_.size) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the sampler chose no token");
    }
    return array_.data[array_.selected].id;
}

bool Sampler::grammar_allows(llama_token token) const {
    llama_token_data single{token, 1.0F, 0.0F};
    llama_token_data_array one{&single, 1, -1, false};
    llama_sampler_apply(grammar_.get(), &one);
    return single.logit != forbidden;
}

std::optional<llama_token> Sampler::sample(llama_context * context, int32_t index) {
    load_candidates(context, index);
    llama_token token = choose();
    // Testing one token against the grammar is much cheaper than testing all; most choices pass.
    if (grammar_ && !grammar_allows(token)) {
        load_candidates(context, index);
        llama_sampler_apply(grammar_.get(), &array_);
        const auto end = std::remove_if(candidates_.begin(), candidates_.end(),
                                        [](const llama_token_data & data) { return data.logit == forbidden; });
        candidates_.erase(end, candidates_.end());
        if (candidates_.empty()) {
            return std::nullopt;
        }
        array_ = {candidates_.data(), candidates_.size(), -1, false};
        token = choose();
        // A bias may have forbidden all that the grammar allows.
        if (array_.data[array_.selected].logit == forbidden) {
            return std::nullopt;
        }
    }
    if (grammar_) {
        llama_sampler_accept(grammar_.get(), token);
    }
    llama_sampler_accept(chain_.get(), token);
    return token;
}

}  // namespace serving
