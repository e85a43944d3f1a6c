// A loaded model: its weights, its vocabulary and what is known about it.
#pragma once

#include <common.h>
#include <llama.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serving {

struct ContextFree {
    void operator()(llama_context * context) const { llama_free(context); }
};
using ContextPtr = std::unique_ptr<llama_context, ContextFree>;

using Tokens = std::vector<llama_token>;

// Positions of tokens beyond those that the model was trained with; absent: the model's own.
struct RopeOptions {
    enum llama_rope_scaling_type scaling = LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED;
    std::optional<float> freq_base;
    std::optional<float> freq_scale;
    std::optional<float> yarn_ext_factor;
    std::optional<float> yarn_attn_factor;
    std::optional<float> yarn_beta_fast;
    std::optional<float> yarn_beta_slow;
};

// A LoRA adapter: its file, and how strongly it works.
struct Adapter {
    std::string path;
    float scale = 1;
};

// A smaller model that guesses ahead.
struct DraftOptions {
    // Its file; empty: there is none.
    std::string path;
    // -1: all.
    int32_t gpu_layers = -1;
    // Tokens that are guessed at once: at most, and fewer than the least are not tried.
    uint32_t max_tokens = 3;
    uint32_t min_tokens = 0;
    // A guess that is less likely ends the guesses.
    float min_probability = 0;
};

// How to load, with every default filled in.
struct LoadOptions {
    // What requests call the model.
    std::string identity;
    std::string path;
    // 0: the model's own, at most 4096.
    uint32_t context_length = 0;
    uint32_t parallel = 4;
    uint32_t queue_limit = 64;
    uint32_t batch_size = 512;
    uint32_t threads = 1;
    // -1: all.
    int32_t gpu_layers = -1;
    int32_t main_gpu = 0;
    // As many shares as llama_max_devices(), or none.
    std::vector<float> tensor_split;
    bool cache_on_gpu = true;
    bool mmap = true;
    bool mlock = false;
    RopeOptions rope;
    std::vector<llama_model_kv_override> overrides;
    std::vector<Adapter> adapters;
    // What makes tokens of images and sounds: its file; empty: none.
    std::string projector;
    bool projector_on_gpu = true;
    // Tokens of an image; -1: as the projector has it.
    int32_t image_min_tokens = -1;
    int32_t image_max_tokens = -1;
    DraftOptions draft;
    // A grammar of a request comes into force with the first of these words; none: from the start.
    std::vector<std::string> grammar_triggers;
    ggml_type cache_type_k = GGML_TYPE_F16;
    ggml_type cache_type_v = GGML_TYPE_F16;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    enum llama_pooling_type pooling = LLAMA_POOLING_TYPE_UNSPECIFIED;
    // Whether the vector of a text is scaled to length 1.
    bool normalize = true;
    // The text of a template, or a name of llama.cpp's list; absent: the model's own.
    std::optional<std::string> chat_template;
    // Whether a template is read as Jinja; else llama.cpp knows it by its look, and it has no tools.
    bool jinja = true;
    common_reasoning_format reasoning = COMMON_REASONING_FORMAT_DEEPSEEK;
    // Tokens that a model may think; -1: as many as it likes.
    int32_t reasoning_budget = -1;

    // Every file that is to be opened.
    std::vector<std::string> files() const;
};

// Of a context for this model, without what it is for.
llama_context_params context_parameters(const LoadOptions & options);

class Model {
public:
    // Throws Failure. Asks `go_on` while it loads and stops when that is false.
    Model(const LoadOptions & options, const std::function<bool()> & go_on);

    llama_model * get() const { return model_.get(); }
    const llama_vocab * vocab() const { return vocab_; }
    uint32_t vocabulary_size() const { return static_cast<uint32_t>(llama_vocab_n_tokens(vocab_)); }

    // A context with the adapters at work. Throws Failure, which begins with `failure`, if it does not fit into memory.
    ContextPtr make_context(const llama_context_params & parameters, const std::string & failure) const;

    // False if it can be known from the model alone that it generates no text.
    bool generates() const;

    // Context length of one request: as asked for, or the default.
    uint32_t context_length(const LoadOptions & options) const;

    // Some vocabularies cut a text by regular expressions that call themselves for each byte of it.
    static size_t stack_for(size_t bytes);

    // Throws Failure with RESOURCE_EXHAUSTED if a text of so many bytes has more tokens than that, whatever it says: texts
    // are looked at only when they can be of use.
    void check_bytes(size_t bytes, uint32_t most_tokens) const;
    // The same for a text that is only counted.
    void check_countable(size_t bytes, const LoadOptions & options) const;

    Tokens tokenize(std::string_view text, bool add_special, bool parse_special) const;
    // The bytes behind a token; nothing for a control token, unless those are shown.
    std::string piece(llama_token token, bool show_control = false) const;
    // Control tokens are shown. Throws Failure if a token is not in the vocabulary.
    std::string detokenize(const Tokens & tokens) const;
    // Throws Failure if a token is not in the vocabulary.
    void check(const Tokens & tokens) const;

    // llama.cpp's short description, for example `llama 7B Q4_K - Medium`.
    std::string description() const;

private:
    struct Free {
        void operator()(llama_model * model) const { llama_model_free(model); }
    };

    void add_adapter(const Adapter & adapter);
    Tokens tokenize_here(std::string_view text, bool add_special, bool parse_special) const;

    std::unique_ptr<llama_model, Free> model_;
    // The model owns them.
    std::vector<llama_adapter_lora *> adapters_;
    std::vector<float> adapter_scales_;
    const llama_vocab * vocab_ = nullptr;
    // Bytes of the longest token.
    size_t longest_token_ = 1;
};

}  // namespace serving
