#include "drafter.h"

#include "failure.h"
#include "log.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace serving {
namespace {

// Tokens at the end of a vocabulary, which one of a family has and another has not.
constexpr int32_t most_more_tokens = 128;

LoadOptions options_of_draft(const Model & model, const LoadOptions & options) {
    LoadOptions made;
    made.path = options.draft.path;
    made.context_length = model.context_length(options);
    made.parallel = options.parallel;
    made.batch_size = options.batch_size;
    made.threads = options.threads;
    made.gpu_layers = options.draft.gpu_layers;
    made.main_gpu = options.main_gpu;
    made.mmap = options.mmap;
    made.mlock = options.mlock;
    made.cache_on_gpu = options.cache_on_gpu;
    made.flash_attention = options.flash_attention;
    return made;
}

void check_tokens(const Model & model, const Model & draft, const std::string & path) {
    const llama_vocab * one = model.vocab();
    const llama_vocab * other = draft.vocab();
    const auto [least, most] = std::minmax(llama_vocab_n_tokens(one), llama_vocab_n_tokens(other));
    bool same = llama_vocab_type(one) == llama_vocab_type(other) && most - least <= most_more_tokens;
    for (llama_token token = 0; same && token < least; ++token) {
        same = std::strcmp(llama_vocab_get_text(one, token), llama_vocab_get_text(other, token)) == 0;
    }
    if (!same) {
        throw invalid_argument("'" + path + "' cannot guess for this model: their tokens are not the same");
    }
}

void check_memory(const Model & model, const std::string & path) {
    if (llama_model_is_recurrent(model.get()) || llama_model_is_hybrid(model.get())) {
        throw invalid_argument("'" + path + "' keeps a state that cannot take back a wrong guess; load it without DraftModel");
    }
}

ContextPtr make_context(const Model & draft, const LoadOptions & options) {
    llama_context_params parameters = context_parameters(options);
    const uint32_t length = options.context_length;
    if (draft.context_length(options) < length) {
        throw invalid_argument("'" + options.path + "' reads fewer tokens than the model; load it with a smaller ContextSize");
    }
    parameters.n_ctx = length * options.parallel;
    parameters.n_seq_max = options.parallel;
    parameters.n_batch = std::max(options.batch_size, options.parallel);
    parameters.n_ubatch = parameters.n_batch;
    return draft.make_context(parameters, "no context of " + std::to_string(options.parallel) + " x " + std::to_string(length) +
                                              " tokens could be made for the DraftModel");
}

double probability(const float * logits, int32_t count, llama_token token) {
    double sum = 0;
    for (int32_t i = 0; i < count; ++i) {
        sum += std::exp(logits[i] - logits[token]);
    }
    return 1 / sum;
}

}  // namespace

Drafter::Drafter(const Model & model, const LoadOptions & options, const std::function<bool()> & go_on)
    : options_(options.draft),
      model_(options_of_draft(model, options), go_on),
      most_tokens_(std::min(llama_vocab_n_tokens(model.vocab()), llama_vocab_n_tokens(model_.vocab()))),
      context_(make_context(model_, options_of_draft(model, options))),
      read_(options.parallel),
      batch_(llama_n_batch(context_.get())) {
    check_tokens(model, model_, options.draft.path);
    check_memory(model, options.path);
    check_memory(model_, options.draft.path);
}

void Drafter::guess(std::vector<Wish> & wishes) {
    std::vector<Ready> ready = catch_up(wishes);
    while (!batch_.empty() && decode()) {
        batch_.clear();
        std::vector<Ready> longer;
        for (const Ready & one : ready) {
            if (const auto next = extend(one)) {
                longer.push_back(*next);
            }
        }
        ready.swap(longer);
    }
    for (Wish & wish : wishes) {
        if (wish.guesses.size() < options_.min_tokens) {
            wish.guesses.clear();
        }
    }
}

// Puts what the context has not read into the batch, as far as that has room.
std::vector<Drafter::Ready> Drafter::catch_up(std::vector<Wish> & wishes) {
    std::vector<Ready> ready;
    batch_.clear();
    for (Wish & wish : wishes) {
        Tokens & read = read_[static_cast<size_t>(wish.sequence)];
        const Tokens & said = *wish.said;
        const auto differ = std::mismatch(read.begin(), read.end(), said.begin(), said.end()).first;
        // The last token is read again if need be: what follows it is what is wanted.
        const size_t keep = std::min(static_cast<size_t>(differ - read.begin()), said.size() - 1);
        llama_memory_seq_rm(llama_get_memory(context_.get()), wish.sequence, static_cast<llama_pos>(keep), -1);
        read.resize(keep);
        while (read.size() < said.size() && batch_.room() > 0) {
            const bool last = read.size() + 1 == said.size();
            const int32_t at = add(wish.sequence, said[read.size()], last);
            if (last && wish.limit > 0) {
                ready.push_back({&wish, at});
            }
        }
    }
    return ready;
}

// One token more, or nothing when it is not likely enough or there are enough.
std::optional<Drafter::Ready> Drafter::extend(const Ready & ready) {
    const float * logits = llama_get_logits_ith(context_.get(), ready.output);
    const auto best = static_cast<llama_token>(std::max_element(logits, logits + most_tokens_) - logits);
    if (options_.min_probability > 0 && probability(logits, most_tokens_, best) < options_.min_probability) {
        return std::nullopt;
    }
    Wish & wish = *ready.wish;
    wish.guesses.push_back(best);
    if (wish.guesses.size() == wish.limit || llama_vocab_is_eog(model_.vocab(), best) || batch_.room() == 0) {
        return std::nullopt;
    }
    return Ready{&wish, add(wish.sequence, best, true)};
}

bool Drafter::decode() {
    if (llama_decode(context_.get(), batch_.raw()) == 0) {
        return true;
    }
    std::fputs("the DraftModel could not compute a step, and begins anew\n", stderr);
    llama_memory_clear(llama_get_memory(context_.get()), false);
    for (Tokens & read : read_) {
        read.clear();
    }
    return false;
}

int32_t Drafter::add(llama_seq_id sequence, llama_token token, bool wants_logits) {
    Tokens & read = read_[static_cast<size_t>(sequence)];
    read.push_back(token);
    return batch_.add(token, read.size() - 1, wants_logits, sequence);
}

}  // namespace serving
