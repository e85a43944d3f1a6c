// A smaller model that guesses what the model says next: one step of the model then looks at several tokens.
#pragma once

#include "batch.h"
#include "model.h"

#include <functional>
#include <vector>

namespace serving {

// A sequence whose next tokens are to be guessed.
struct Wish {
    llama_seq_id sequence = 0;
    // All that was read and said so far.
    const Tokens * said = nullptr;
    // At most so many.
    uint32_t limit = 0;
    Tokens guesses;
};

class Drafter {
public:
    // Throws Failure: INVALID_ARGUMENT if its tokens are not those of the model, or the model cannot take back what it has
    // read.
    Drafter(const Model & model, const LoadOptions & options, const std::function<bool()> & go_on);

    // Fills in the guesses, none for a sequence that it has not read up to its end yet. Guesses cost time and are never
    // wrong to have: what goes wrong here is no error of a request.
    void guess(std::vector<Wish> & wishes);

private:
    // Of one that can be guessed: where the logits of its last token are.
    struct Ready {
        Wish * wish;
        int32_t output;
    };

    std::vector<Ready> catch_up(std::vector<Wish> & wishes);
    std::optional<Ready> extend(const Ready & ready);
    bool decode();
    int32_t add(llama_seq_id sequence, llama_token token, bool wants_logits);

    const DraftOptions options_;
    const Model model_;
    const llama_token most_tokens_;
    const ContextPtr context_;
    // What the context holds of each sequence.
    std::vector<Tokens> read_;
    Batch batch_;
};

}  // namespace serving
