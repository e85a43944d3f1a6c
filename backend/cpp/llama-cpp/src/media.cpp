#include "media.h"

#include "base64.h"
#include "big_stack.h"
#include "failure.h"
#include "log.h"
#include "model_files.h"

#include <mtmd-helper.h>
#include <stb/stb_image.h>

namespace serving {
namespace {

// As bytes of three colours 192 MiB; a file of few bytes can hold many more.
constexpr int64_t most_pixels = 1 << 26;
constexpr size_t most_sound_bytes = 32 << 20;

mtmd_context_params parameters_of(const LoadOptions & options) {
    mtmd_context_params parameters = mtmd_context_params_default();
    parameters.use_gpu = options.projector_on_gpu;
    parameters.print_timings = false;
    parameters.n_threads = static_cast<int>(options.threads);
    parameters.flash_attn_type = options.flash_attention;
    parameters.warmup = false;
    parameters.image_min_tokens = options.image_min_tokens;
    parameters.image_max_tokens = options.image_max_tokens;
    return parameters;
}

std::string bytes_of(const char * what, const std::string & text) {
    std::optional<std::string> bytes = from_base64(text);
    if (!bytes || bytes->empty()) {
        throw invalid_argument(std::string(what) + " is no base64 of a file, without a header");
    }
    return std::move(*bytes);
}

const unsigned char * data(const std::string & bytes) {
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

}  // namespace

Media::Media(const Model & model, const LoadOptions & options) {
    check_file(options.projector);
    const ErrorCapture errors;
    projector_.reset(mtmd_init_from_file(options.projector.c_str(), model.get(), parameters_of(options)));
    if (!projector_) {
        throw invalid_argument("'" + options.projector + "' cannot be loaded as a projector of this model: " + errors.text());
    }
}

mtmd::bitmap Media::image(const std::string & text) const {
    if (!mtmd_support_vision(projector_.get())) {
        throw failed_precondition("the model hears and does not see: its projector takes no images");
    }
    const std::string bytes = bytes_of("an image", text);
    int width = 0;
    int height = 0;
    int colours = 0;
    if (stbi_info_from_memory(data(bytes), static_cast<int>(bytes.size()), &width, &height, &colours) == 0) {
        throw invalid_argument("an image is in no format that can be read; send PNG, JPEG, GIF or BMP");
    }
    if (int64_t{width} * height > most_pixels) {
        throw invalid_argument("an image has " + std::to_string(width) + " x " + std::to_string(height) +
                               " pixels, which is more than " + std::to_string(most_pixels));
    }
    return decode("an image", bytes);
}

mtmd::bitmap Media::sound(const std::string & text) const {
    if (!mtmd_support_audio(projector_.get())) {
        throw failed_precondition("the model sees and does not hear: its projector takes no sounds");
    }
    const std::string bytes = bytes_of("a sound", text);
    if (bytes.size() > most_sound_bytes) {
        throw invalid_argument("a sound has more than " + std::to_string(most_sound_bytes) + " bytes");
    }
    mtmd::bitmap made = decode("a sound", bytes);
    if (!mtmd_bitmap_is_audio(made.ptr.get())) {
        throw invalid_argument("a sound is in no format that can be read; send WAV, MP3 or FLAC");
    }
    return made;
}

mtmd::bitmap Media::decode(const char * what, const std::string & bytes) const {
    mtmd::bitmap made(mtmd_helper_bitmap_init_from_buf(projector_.get(), data(bytes), bytes.size(), false,
                                                       mtmd_helper_init_opt_default())
                          .bitmap);
    if (!made.ptr) {
        throw invalid_argument(std::string(what) + " cannot be decoded; its file may be damaged, or of another kind");
    }
    return made;
}

Prompt Media::tokenize(const std::vector<PromptPart> & parts, const std::vector<mtmd::bitmap> & files) const {
    std::vector<mtmd_input_text> texts(parts.size());
    std::vector<mtmd_input_part> inputs(parts.size());
    std::vector<const mtmd_input_part *> pointers;
    auto file = files.begin();
    size_t bytes = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].kind == PromptPart::Kind::media) {
            inputs[i].bitmap = (file++)->ptr.get();
        } else {
            bytes += parts[i].text.size();
            texts[i] = {parts[i].text.data(), parts[i].text.size(), false, parts[i].kind == PromptPart::Kind::markup};
            inputs[i].text = &texts[i];
        }
        pointers.push_back(&inputs[i]);
    }
    const mtmd::input_chunks chunks(mtmd_input_chunks_init());
    run_with_stack(Model::stack_for(bytes), [&] {
        const ErrorCapture errors;
        if (mtmd_tokenize_from_parts(projector_.get(), chunks.ptr.get(), pointers.data(), pointers.size(), true) != 0) {
            throw invalid_argument("an image or a sound cannot be prepared for the model: " + errors.text());
        }
    });
    Prompt prompt;
    for (size_t i = 0; i < chunks.size(); ++i) {
        size_t count = 0;
        if (mtmd_input_chunk_get_type(chunks[i]) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
            const llama_token * tokens = mtmd_input_chunk_get_tokens_text(chunks[i], &count);
            prompt.tokens.insert(prompt.tokens.end(), tokens, tokens + count);
        } else {
            prompt.media.emplace(prompt.tokens.size(), mtmd_input_chunk_copy(chunks[i]));
            prompt.tokens.resize(prompt.tokens.size() + mtmd_input_chunk_get_n_tokens(chunks[i]), LLAMA_TOKEN_NULL);
        }
    }
    if (prompt.tokens.empty() || prompt.tokens.back() == LLAMA_TOKEN_NULL) {
        throw invalid_argument("no text follows the last image or sound");
    }
    return prompt;
}

llama_pos Media::read(llama_context * context, const mtmd_input_chunk * chunk, llama_pos position, llama_seq_id sequence,
                      uint32_t batch_size) const {
    const ErrorCapture errors;
    if (mtmd_encode_chunk(projector_.get(), chunk) != 0) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the projector could not compute an image or a sound: " + errors.text());
    }
    llama_pos after = position;
    const int32_t result =
        mtmd_helper_decode_image_chunk(projector_.get(), context, chunk, mtmd_get_output_embd(projector_.get()), position,
                                       sequence, static_cast<int32_t>(batch_size), &after, nullptr, nullptr);
    if (result == 1) {
        throw resource_exhausted("the context has no room for an image or a sound");
    }
    if (result != 0) {
        throw Failure(::grpc::StatusCode::INTERNAL, "the model could not read an image or a sound: " + errors.text());
    }
    return after;
}

}  // namespace serving
