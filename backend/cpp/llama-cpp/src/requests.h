// From the contract's messages to checked values. Everything here throws Failure with INVALID_ARGUMENT.
#pragma once

#include "backend.pb.h"
#include "chat.h"
#include "job.h"
#include "model.h"
#include "sampling.h"

#include <vector>

namespace backend {

LoadOptions load_options(const v1::LoadModelRequest & request);

SamplingSettings sampling_settings(const v1::PredictRequest & request, uint32_t vocabulary_size);

std::vector<ChatTurn> chat_turns(const v1::Conversation & conversation);

// Stop words, none of them empty.
std::vector<std::string> stop_words(const v1::PredictRequest & request);

// Most tokens to generate, at least 1.
uint32_t max_tokens(const v1::PredictRequest & request);

Tokens tokens_of(const v1::DetokenizeRequest & request);

}  // namespace backend
