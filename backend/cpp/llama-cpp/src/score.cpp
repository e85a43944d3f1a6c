#include "score.h"

#include "utf8.h"

#include <algorithm>
#include <numeric>

namespace serving {

uint32_t score(Session & session, const wire::ScoreRequest & request, const std::function<bool()> & go_on,
               wire::ScoreResponse & response) {
    if (request.candidates().empty()) {
        throw invalid_argument("there are no candidates");
    }
    const Model & model = session.model();
    Scorer & scorer = session.scorer();
    const uint32_t length = model.context_length(session.options());
    model.check_bytes(request.prompt().size(), length);
    const Tokens prompt = model.tokenize(request.prompt(), true, true);
    uint32_t read = 0;
    for (const std::string & candidate : request.candidates()) {
        model.check_bytes(request.prompt().size() + candidate.size(), length);
        // Read together, as the model would: where they meet, a token may be made of both.
        const Tokens text = model.tokenize(request.prompt() + candidate, true, true);
        const auto differ = std::mismatch(prompt.begin(), prompt.end(), text.begin(), text.end()).first;
        const auto first = static_cast<size_t>(differ - prompt.begin());
        if (candidate.empty() || first == 0 || first == text.size()) {
            throw invalid_argument("a candidate is empty, or nothing stands before it: the prompt is empty, and the model "
                                   "has no token for a beginning");
        }
        const std::vector<double> log_probs = scorer.score(text, first, go_on);
        read += static_cast<uint32_t>(text.size());
        wire::CandidateScore & answer = *response.add_candidates();
        answer.set_log_prob(std::accumulate(log_probs.begin(), log_probs.end(), 0.0));
        answer.set_num_tokens(static_cast<int32_t>(log_probs.size()));
        if (request.length_normalize()) {
            answer.set_length_normalized_log_prob(answer.log_prob() / static_cast<double>(log_probs.size()));
        }
        for (size_t i = 0; request.include_token_logprobs() && i < log_probs.size(); ++i) {
            wire::TokenLogProb & token = *answer.add_tokens();
            token.set_token(valid_utf8(model.piece(text[first + i])));
            token.set_log_prob(log_probs[i]);
        }
    }
    return read;
}

}  // namespace serving
