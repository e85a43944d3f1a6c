#include "model.h"

#include "big_stack.h"
#include "failure.h"
#include "load_trial.h"
#include "log.h"
#include "model_files.h"

#include <algorithm>
#include <cstring>

namespace serving {
namespace {

constexpr uint32_t default_context_limit = 4096;

constexpr size_t short_text = 4096;
constexpr size_t least_stack = 8 << 20;
constexpr size_t stack_of_byte = 1024;

// What is only counted may be longer than what is read.
constexpr size_t always_counted = 64 << 10;
constexpr uint32_t most_contexts = 4;

llama_load_mode load_mode(const LoadOptions & options) {
    if (options.mmap) {
        return options.mlock ? LLAMA_LOAD_MODE_MMAP_MLOCK : LLAMA_LOAD_MODE_MMAP;
    }
    return options.mlock ? LLAMA_LOAD_MODE_MLOCK : LLAMA_LOAD_MODE_NONE;
}

// Calls a function of llama.cpp that writes into a buffer and answers the negated size when it is too small.
template <typename Value, typename Call>
int32_t fill(std::vector<Value> & buffer, const Call & call) {
    int32_t count = call(buffer.data(), static_cast<int32_t>(buffer.size()));
    if (count < 0 && count != INT32_MIN) {
        buffer.resize(static_cast<size_t>(-count));
        count = call(buffer.data(), static_cast<int32_t>(buffer.size()));
    }
    return count;
}

// Whether llama.cpp speaks of the types that it cannot keep a context in.
bool is_of_cache_types(const std::string & reason) {
    constexpr std::string_view words[] = {"K cache", "V cache", "cache types"};
    return std::any_of(std::begin(words), std::end(words),
                       [&](std::string_view word) { return reason.find(word) != std::string::npos; });
}

void check_length(size_t length) {
    if (length > INT32_MAX) {
        throw invalid_argument("a text of more than 2 GiB cannot be tokenized");
    }
}

}  // namespace

std::vector<std::string> LoadOptions::files() const {
    std::vector<std::string> all{path, projector, draft.path};
    for (const Adapter & adapter : adapters) {
        all.push_back(adapter.path);
    }
    std::erase(all, "");
    return all;
}

llama_context_params context_parameters(const LoadOptions & options) {
    llama_context_params parameters = llama_context_default_params();
    parameters.n_threads = static_cast<int32_t>(options.threads);
    parameters.n_threads_batch = parameters.n_threads;
    parameters.type_k = options.cache_type_k;
    parameters.type_v = options.cache_type_v;
    parameters.flash_attn_type = options.flash_attention;
    parameters.offload_kqv = options.cache_on_gpu;
    parameters.no_perf = true;
    const RopeOptions & rope = options.rope;
    parameters.rope_scaling_type = rope.scaling;
    parameters.rope_freq_base = rope.freq_base.value_or(parameters.rope_freq_base);
    parameters.rope_freq_scale = rope.freq_scale.value_or(parameters.rope_freq_scale);
    parameters.yarn_ext_factor = rope.yarn_ext_factor.value_or(parameters.yarn_ext_factor);
    parameters.yarn_attn_factor = rope.yarn_attn_factor.value_or(parameters.yarn_attn_factor);
    parameters.yarn_beta_fast = rope.yarn_beta_fast.value_or(parameters.yarn_beta_fast);
    parameters.yarn_beta_slow = rope.yarn_beta_slow.value_or(parameters.yarn_beta_slow);
    return parameters;
}

Model::Model(const LoadOptions & options, const std::function<bool()> & go_on) {
    check_file(options.path);
    llama_model_params parameters = llama_model_default_params();
    parameters.n_gpu_layers = options.gpu_layers;
    parameters.main_gpu = options.main_gpu;
    parameters.tensor_split = options.tensor_split.empty() ? nullptr : options.tensor_split.data();
    parameters.load_mode = load_mode(options);
    std::vector<llama_model_kv_override> overrides = options.overrides;
    // An empty key ends the list.
    overrides.emplace_back();
    parameters.kv_overrides = overrides.data();
    parameters.progress_callback = [](float, void * user) {
        return (*static_cast<const std::function<bool()> *>(user))();
    };
    parameters.progress_callback_user_data = const_cast<std::function<bool()> *>(&go_on);

    try_to_load(options.path, overrides, go_on);
    const ErrorCapture errors;
    model_.reset(llama_model_load_from_file(options.path.c_str(), parameters));
    if (!model_) {
        if (!go_on()) {
            throw Failure(::grpc::StatusCode::CANCELLED, "loading '" + options.path + "' was cancelled");
        }
        throw invalid_argument("'" + options.path + "' cannot be loaded as a GGUF model: " + errors.text());
    }
    vocab_ = llama_model_get_vocab(model_.get());
    for (llama_token token = 0; token < llama_vocab_n_tokens(vocab_); ++token) {
        longest_token_ = std::max(longest_token_, std::strlen(llama_vocab_get_text(vocab_, token)));
    }
    for (const Adapter & adapter : options.adapters) {
        add_adapter(adapter);
    }
}

void Model::add_adapter(const Adapter & adapter) {
    check_file(adapter.path);
    const ErrorCapture errors;
    llama_adapter_lora * loaded = llama_adapter_lora_init(model_.get(), adapter.path.c_str());
    if (loaded == nullptr) {
        throw invalid_argument("'" + adapter.path + "' cannot be loaded as a LoRA adapter of this model: " + errors.text());
    }
    adapters_.push_back(loaded);
    adapter_scales_.push_back(adapter.scale);
}

ContextPtr Model::make_context(const llama_context_params & parameters, const std::string & failure) const {
    const ErrorCapture errors;
    ContextPtr context(llama_init_from_model(model_.get(), parameters));
    if (!context) {
        const std::string reason = errors.text();
        if (is_of_cache_types(reason)) {
            throw invalid_argument("CacheTypeKey or CacheTypeValue does not fit: " + reason);
        }
        throw resource_exhausted(failure + ": " + reason);
    }
    // llama.cpp only reads what it takes without const.
    std::vector<llama_adapter_lora *> adapters = adapters_;
    std::vector<float> scales = adapter_scales_;
    if (llama_set_adapters_lora(context.get(), adapters.data(), adapters.size(), scales.data()) != 0) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the LoRA adapters cannot be set: " + errors.text());
    }
    return context;
}

bool Model::generates() const {
    return llama_model_has_decoder(model_.get()) && !llama_model_has_encoder(model_.get()) &&
           !llama_model_is_diffusion(model_.get());
}

uint32_t Model::context_length(const LoadOptions & options) const {
    const auto trained = static_cast<uint32_t>(std::max(llama_model_n_ctx_train(model_.get()), 1));
    if (options.context_length == 0) {
        return std::min(trained, default_context_limit);
    }
    // Learned positions end where the training did; llama.cpp would end the process beyond them.
    const bool limited = llama_model_rope_type(model_.get()) == LLAMA_ROPE_TYPE_NONE;
    return limited ? std::min(options.context_length, trained) : options.context_length;
}

size_t Model::stack_for(size_t bytes) {
    return least_stack + stack_of_byte * bytes;
}

void Model::check_bytes(size_t bytes, uint32_t most_tokens) const {
    if (bytes / longest_token_ > most_tokens) {
        throw resource_exhausted("the text has " + std::to_string(bytes) + " bytes, which are more than " +
                                 std::to_string(most_tokens) + " tokens");
    }
}

void Model::check_countable(size_t bytes, const LoadOptions & options) const {
    if (bytes > always_counted) {
        check_bytes(bytes, most_contexts * context_length(options));
    }
}

Tokens Model::tokenize(std::string_view text, bool add_special, bool parse_special) const {
    check_length(text.size());
    if (text.size() <= short_text) {
        return tokenize_here(text, add_special, parse_special);
    }
    Tokens tokens;
    run_with_stack(stack_for(text.size()), [&] { tokens = tokenize_here(text, add_special, parse_special); });
    return tokens;
}

Tokens Model::tokenize_here(std::string_view text, bool add_special, bool parse_special) const {
    // Few tokens are shorter than a byte; special ones come on top.
    Tokens tokens(text.size() + 2);
    const int32_t count = fill(tokens, [&](llama_token * data, int32_t size) {
        return llama_tokenize(vocab_, text.data(), static_cast<int32_t>(text.size()), data, size, add_special,
                              parse_special);
    });
    if (count < 0) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the text could not be tokenized");
    }
    tokens.resize(static_cast<size_t>(count));
    // A text that begins with the first token, as rendered templates do, has it twice now.
    const llama_token first = llama_vocab_bos(vocab_);
    if (add_special && llama_vocab_get_add_bos(vocab_) && count > 1 && tokens[0] == first && tokens[1] == first) {
        tokens.erase(tokens.begin());
    }
    return tokens;
}

std::string Model::piece(llama_token token, bool show_control) const {
    std::vector<char> bytes(32);
    const int32_t count = fill(bytes, [&](char * data, int32_t size) {
        return llama_token_to_piece(vocab_, token, data, size, 0, show_control);
    });
    return {bytes.data(), static_cast<size_t>(std::max(count, 0))};
}

void Model::check(const Tokens & tokens) const {
    for (const llama_token token : tokens) {
        if (token < 0 || token >= llama_vocab_n_tokens(vocab_)) {
            throw invalid_argument("token " + std::to_string(token) + " is not in the vocabulary of " +
                                   std::to_string(vocabulary_size()) + " tokens");
        }
    }
}

std::string Model::detokenize(const Tokens & tokens) const {
    check(tokens);
    std::vector<char> bytes(tokens.size() * 8 + 32);
    const int32_t count = fill(bytes, [&](char * data, int32_t size) {
        return llama_detokenize(vocab_, tokens.data(), static_cast<int32_t>(tokens.size()), data, size, false, true);
    });
    return {bytes.data(), static_cast<size_t>(std::max(count, 0))};
}

std::string Model::description() const {
    char text[128] = "";
    llama_model_desc(model_.get(), text, sizeof(text));
    return text;
}

}  // namespace serving
