// How the next token is chosen: settings, and the sampler that llama.cpp makes of them.
#pragma once

#include "model.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace serving {

enum class Mirostat { off, v1, v2 };

// Values in range, every default filled in; the contract says what each means.
struct SamplingSettings {
    float temperature = 0.8F;
    uint32_t top_k = 40;
    float top_p = 0.95F;
    float min_p = 0.05F;
    float typical_p = 1.0F;
    float repeat_penalty = 1.0F;
    float frequency_penalty = 0.0F;
    float presence_penalty = 0.0F;
    uint32_t penalty_last_n = 64;
    uint32_t seed = 0;
    Mirostat mirostat = Mirostat::off;
    float mirostat_tau = 5.0F;
    float mirostat_eta = 0.1F;
    std::vector<llama_logit_bias> logit_bias;
    bool ignore_eos = false;
    // GBNF; empty: none.
    std::string grammar;
    // The grammar comes into force with the first of these words; none: from the start.
    std::vector<std::string> grammar_triggers;
};

class Sampler {
public:
    // Throws Failure if the grammar does not parse.
    Sampler(const Model & model, const SamplingSettings & settings);

    // Lets the penalties see the prompt.
    void accept_prompt(const Tokens & prompt);

    // Chooses and accepts a token after output `index` of the last decode; nothing if the grammar allows no token.
    std::optional<llama_token> sample(llama_context * context, int32_t index);

private:
    struct Free {
        void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
    };
    using SamplerPtr = std::unique_ptr<llama_sampler, Free>;

    void load_candidates(llama_context * context, int32_t index);
    void add_grammar(const Model & model, const SamplingSettings & settings);
    llama_token choose();
    bool grammar_allows(llama_token token) const;

    size_t vocabulary_size_;
    uint32_t penalty_last_n_;
    SamplerPtr chain_;
    SamplerPtr grammar_;
    std::vector<llama_token_data> candidates_;
    llama_token_data_array array_{};
};

}  // namespace serving
