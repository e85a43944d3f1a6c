#include "load_request.h"

#include "arguments.h"
#include "devices.h"
#include "failure.h"
#include "model_files.h"
#include "named_options.h"
#include "overrides.h"
#include "ranges.h"

namespace serving {
namespace {

constexpr int64_t most_context = 1 << 22;
constexpr int64_t most_batch = 1 << 16;
constexpr int64_t most_threads = 1024;
constexpr float most_scale = 1000;
constexpr int32_t default_batch = 512;

// Those that llama.cpp can keep a context in.
constexpr ggml_type cache_types[] = {GGML_TYPE_F32,  GGML_TYPE_F16,    GGML_TYPE_BF16, GGML_TYPE_Q8_0, GGML_TYPE_Q4_0,
                                     GGML_TYPE_Q4_1, GGML_TYPE_IQ4_NL, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1};

ggml_type cache_type(const char * field, const std::string & name) {
    if (name.empty()) {
        return GGML_TYPE_F16;
    }
    std::string known;
    for (const ggml_type type : cache_types) {
        if (name == ggml_type_name(type)) {
            return type;
        }
        known += std::string(known.empty() ? "" : ", ") + ggml_type_name(type);
    }
    throw invalid_argument(std::string(field) + " is '" + name + "', but must be one of " + known);
}

llama_flash_attn_type flash_attention(const std::string & name) {
    if (name.empty() || name == "auto") {
        return LLAMA_FLASH_ATTN_TYPE_AUTO;
    }
    return is_on("FlashAttention", name) ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
}

std::vector<float> tensor_split(const std::string & list) {
    const std::vector<std::string> parts = split_list(list);
    if (parts.empty()) {
        return {};
    }
    std::vector<float> shares(llama_max_devices());
    if (parts.size() > shares.size()) {
        throw invalid_argument("TensorSplit has " + std::to_string(parts.size()) + " shares, but there can be at most " +
                               std::to_string(shares.size()) + " devices");
    }
    for (size_t i = 0; i < parts.size(); ++i) {
        shares[i] = in_range("TensorSplit", static_cast<float>(number("TensorSplit", parts[i])), 0.0F, 1e9F);
    }
    return shares;
}

std::optional<float> unless_zero(const char * name, float value) {
    if (value == 0) {
        return std::nullopt;
    }
    return in_range(name, value, 0.0F, 1e9F);
}

enum llama_rope_scaling_type rope_scaling(const std::string & name) {
    if (name.empty()) {
        return LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED;
    }
    if (name == "none") {
        return LLAMA_ROPE_SCALING_TYPE_NONE;
    }
    if (name == "linear") {
        return LLAMA_ROPE_SCALING_TYPE_LINEAR;
    }
    if (name == "yarn") {
        return LLAMA_ROPE_SCALING_TYPE_YARN;
    }
    throw invalid_argument("RopeScaling is '" + name + "', but must be none, linear or yarn");
}

RopeOptions rope(const wire::ModelOptions & request) {
    RopeOptions options;
    options.scaling = rope_scaling(request.ropescaling());
    options.freq_base = unless_zero("RopeFreqBase", request.ropefreqbase());
    options.freq_scale = unless_zero("RopeFreqScale", request.ropefreqscale());
    // Below zero is llama.cpp's word for the model's own, which is also what is had without one.
    if (request.yarnextfactor() > 0) {
        options.yarn_ext_factor = unless_zero("YarnExtFactor", request.yarnextfactor());
    }
    options.yarn_attn_factor = unless_zero("YarnAttnFactor", request.yarnattnfactor());
    options.yarn_beta_fast = unless_zero("YarnBetaFast", request.yarnbetafast());
    options.yarn_beta_slow = unless_zero("YarnBetaSlow", request.yarnbetaslow());
    return options;
}

std::vector<Adapter> adapters(const wire::ModelOptions & request) {
    const auto at = [&](const std::string & name) { return file_in(request.modelpath(), name); };
    std::vector<Adapter> all;
    if (!request.loraadapter().empty()) {
        const float scale = request.lorascale() == 0 ? 1 : request.lorascale();
        all.push_back({at(request.loraadapter()), in_range("LoraScale", scale, -most_scale, most_scale)});
    }
    const int scales = request.lorascales_size();
    if (scales != 0 && scales != request.loraadapters_size()) {
        throw invalid_argument("there are " + std::to_string(request.loraadapters_size()) + " LoraAdapters, but " +
                               std::to_string(scales) + " LoraScales");
    }
    for (int i = 0; i < request.loraadapters_size(); ++i) {
        const float scale = scales == 0 ? 1 : request.lorascales(i);
        all.push_back({at(request.loraadapters(i)), in_range("LoraScales", scale, -most_scale, most_scale)});
    }
    return all;
}

}  // namespace

LoadOptions load_options(const wire::ModelOptions & request) {
    LoadOptions options;
    options.identity = request.model();
    options.path = request.modelfile().empty() ? request.model() : request.modelfile();
    if (options.path.empty()) {
        throw invalid_argument("ModelFile and Model are empty; name a GGUF file");
    }
    options.context_length = static_cast<uint32_t>(in_range("ContextSize", request.contextsize(), 0, most_context));
    const int32_t batch = request.nbatch() == 0 ? default_batch : request.nbatch();
    options.batch_size = static_cast<uint32_t>(in_range("NBatch", batch, 1, most_batch));
    options.threads = request.threads() <= 0
                          ? usable_processors()
                          : static_cast<uint32_t>(in_range("Threads", request.threads(), 1, most_threads));
    // llama.cpp takes more than there are for all.
    options.gpu_layers = request.ngpulayers();
    if (!request.maingpu().empty()) {
        const auto devices = static_cast<int64_t>(llama_max_devices());
        options.main_gpu =
            static_cast<int32_t>(in_range("MainGPU", whole_number("MainGPU", request.maingpu()), 0, devices - 1));
    }
    options.tensor_split = tensor_split(request.tensorsplit());
    options.cache_on_gpu = !request.nokvoffload();
    options.mmap = request.mmap();
    options.mlock = request.mlock();
    options.rope = rope(request);
    options.overrides = overrides({request.overrides().begin(), request.overrides().end()});
    options.adapters = adapters(request);
    if (!request.mmproj().empty()) {
        options.projector = file_in(request.modelpath(), request.mmproj());
    }
    if (!request.draftmodel().empty()) {
        options.draft.path = file_in(request.modelpath(), request.draftmodel());
        options.draft.gpu_layers = request.ngpulayers();
    }
    options.cache_type_k = cache_type("CacheTypeKey", request.cachetypekey());
    options.cache_type_v = cache_type("CacheTypeValue", request.cachetypevalue());
    options.flash_attention = flash_attention(request.flashattention());
    for (const wire::GrammarTrigger & trigger : request.grammartriggers()) {
        if (!trigger.word().empty()) {
            options.grammar_triggers.push_back(trigger.word());
        }
    }
    if (request.reranking()) {
        options.pooling = LLAMA_POOLING_TYPE_RANK;
    }
    for (const std::string & option : request.options()) {
        set_named_option(option, options);
    }
    return options;
}

}  // namespace serving
