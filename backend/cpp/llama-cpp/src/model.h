// A loaded model: its weights, its vocabulary and what is known about it.
#pragma once

#include <llama.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backend {

struct ContextFree {
    void operator()(llama_context * context) const { llama_free(context); }
};
using ContextPtr = std::unique_ptr<llama_context, ContextFree>;

using Tokens = std::vector<llama_token>;

// How to load, with every default filled in.
struct LoadOptions {
    std::string path;
    // 0: the model's own, at most 4096.
    uint32_t context_length = 0;
    uint32_t parallel = 4;
    uint32_t queue_limit = 64;
    uint32_t batch_size = 512;
    uint32_t threads = 1;
    // -1: all.
    int32_t gpu_layers = -1;
    // Absent: llama.cpp decides by the device.
    std::optional<bool> mmap;
    bool mlock = false;
    ggml_type cache_type_k = GGML_TYPE_F16;
    ggml_type cache_type_v = GGML_TYPE_F16;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    enum llama_pooling_type pooling = LLAMA_POOLING_TYPE_UNSPECIFIED;
    std::optional<std::string> chat_template;
};

// Throws Failure unless there is a file at `path`.
void check_model_file(const std::string & path);

class Model {
public:
    // Throws Failure. Asks `go_on` while it loads and stops when that is false.
    Model(const LoadOptions & options, const std::function<bool()> & go_on);

    llama_model * get() const { return model_.get(); }
    const llama_vocab * vocab() const { return vocab_; }
    uint32_t vocabulary_size() const { return static_cast<uint32_t>(llama_vocab_n_tokens(vocab_)); }

    // False if it can be known from the model alone that it generates no text.
    bool generates() const;

    // Context length of one request: as asked for, or the default.
    uint32_t context_length(const LoadOptions & options) const;

    Tokens tokenize(std::string_view text, bool add_special, bool parse_special) const;
    // The bytes behind a token; nothing for a control token, unless `show_special`.
    std::string piece(llama_token token, bool show_special) const;
    // Throws Failure if a token is not in the vocabulary.
    std::string detokenize(const Tokens & tokens, bool show_special) const;

    // llama.cpp's short description, for example `llama 7B Q4_K - Medium`.
    std::string description() const;

private:
    struct Free {
        void operator()(llama_model * model) const { llama_model_free(model); }
    };

    std::unique_ptr<llama_model, Free> model_;
    const llama_vocab * vocab_ = nullptr;
};

}  // namespace backend
