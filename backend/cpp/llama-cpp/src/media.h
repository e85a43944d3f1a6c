// Images and sounds as tokens of the model, made by the projector that belongs to it.
#pragma once

#include "model.h"
#include "prompt.h"

#include <mtmd.h>

#include <string>
#include <vector>

namespace serving {

class Media {
public:
    // Throws Failure. `model` must outlive this.
    Media(const Model & model, const LoadOptions & options);

    // The file that base64 `text` holds. Throws Failure: INVALID_ARGUMENT if it cannot be read, FAILED_PRECONDITION if
    // the projector is not for this kind.
    mtmd::bitmap image(const std::string & text) const;
    mtmd::bitmap sound(const std::string & text) const;

    // What stands in a prompt for each of them.
    static const char * marker() { return mtmd_default_marker(); }

    // The parts in tokens; each that is no text takes the next of `files`, and there are as many of both. Throws Failure.
    Prompt tokenize(const std::vector<PromptPart> & parts, const std::vector<mtmd::bitmap> & files) const;

    // Reads one image or sound into the context from `position` on, and answers the position after it. For one thread at a
    // time. Throws Failure.
    llama_pos read(llama_context * context, const mtmd_input_chunk * chunk, llama_pos position, llama_seq_id sequence,
                   uint32_t batch_size) const;

private:
    mtmd::bitmap decode(const char * what, const std::string & bytes) const;

    mtmd::context_ptr projector_;
};

}  // namespace serving
