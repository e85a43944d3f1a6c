#include "sampler.h"

#include "failure.h"
#include "grammar_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serving {
namespace {

constexpr float forbidden = -std::numeric_limits<float>::infinity();

// Before the sampler is made, which does not clean up after itself when it fails.
void check_grammar(const Model & model, const std::string & grammar) {
    if (grammar.empty()) {
        return;
    }
    if (const auto problem = problem_of_grammar(grammar)) {
        throw invalid_argument("the grammar " + *problem);
    }
    llama_sampler * parsed = llama_sampler_init_grammar(model.vocab(), grammar.c_str(), "root");
    if (parsed == nullptr) {
        // llama.cpp tells the place on stderr and nowhere else.
        throw invalid_argument("the grammar does not parse as GBNF with a start rule `root`; the server's stderr says where");
    }
    llama_sampler_free(parsed);
}

void check_numbers(llama_context * context, int32_t index, size_t count) {
    const float * logits = llama_get_logits_ith(context, index);
    if (logits == nullptr) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the model gave no logits");
    }
    // As wide as a logit, so that the compiler takes many at once: for a large vocabulary this costs as much as the choice.
    int32_t wrong = 0;
    for (size_t i = 0; i < count; ++i) {
        wrong |= logits[i] < std::numeric_limits<float>::infinity() ? 0 : 1;
    }
    if (wrong != 0) {
        throw not_finite("logits");
    }
}

void forbid_ends(const Model & model, common_params_sampling & settings) {
    for (llama_token token = 0; token < llama_vocab_n_tokens(model.vocab()); ++token) {
        if (llama_vocab_is_eog(model.vocab(), token)) {
            settings.logit_bias.push_back({token, forbidden});
        }
    }
}

}  // namespace

Sampler::Sampler(const Model & model, common_params_sampling settings)
    : penalty_last_n_(static_cast<size_t>(settings.penalty_last_n)), shown_(settings.preserved_tokens) {
    check_grammar(model, common_grammar_value(settings.grammar));
    if (settings.ignore_eos) {
        forbid_ends(model, settings);
    }
    try {
        sampler_.reset(common_sampler_init(model.get(), settings));
    } catch (const std::exception & error) {
        throw invalid_argument(std::string("the grammar cannot be used: ") + error.what());
    }
}

void Sampler::accept_prompt(const Tokens & prompt) {
    const size_t count = std::min(prompt.size(), penalty_last_n_);
    for (size_t i = prompt.size() - count; i < prompt.size(); ++i) {
        if (prompt[i] != LLAMA_TOKEN_NULL) {
            common_sampler_accept(sampler_.get(), prompt[i], false);
        }
    }
}

std::optional<llama_token> Sampler::sample(llama_context * context, int32_t index) {
    check_numbers(context, index, static_cast<size_t>(llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context)))));
    const llama_token token = common_sampler_sample(sampler_.get(), context, index);
    const llama_token_data_array & candidates = *common_sampler_get_candidates(sampler_.get(), false);
    if (candidates.data[candidates.selected].logit == forbidden) {
        return std::nullopt;
    }
    common_sampler_accept(sampler_.get(), token, true);
    return token;
}

}  // namespace serving
