#include "rerank.h"

#include <algorithm>
#include <numeric>

namespace serving {
namespace {

void replace_all(std::string & text, std::string_view what, const std::string & with) {
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

// As the model was trained: in a template of its own, or as two texts with its special tokens around and between them.
Tokens pair(const Model & model, const std::string & query, const std::string & document) {
    if (const char * form = llama_model_chat_template(model.get(), "rerank"); form != nullptr) {
        std::string text = form;
        replace_all(text, "{query}", query);
        replace_all(text, "{document}", document);
        return model.tokenize(text, false, true);
    }
    const llama_vocab * vocab = model.vocab();
    const llama_token eos = llama_vocab_eos(vocab);
    const llama_token end = eos == LLAMA_TOKEN_NULL ? llama_vocab_sep(vocab) : eos;
    Tokens tokens;
    const auto add = [&](bool wanted, llama_token token) {
        if (wanted && token != LLAMA_TOKEN_NULL) {
            tokens.push_back(token);
        }
    };
    const auto add_text = [&](const std::string & text) {
        const Tokens more = model.tokenize(text, false, false);
        tokens.insert(tokens.end(), more.begin(), more.end());
    };
    add(llama_vocab_get_add_bos(vocab), llama_vocab_bos(vocab));
    add_text(query);
    add(llama_vocab_get_add_eos(vocab), end);
    add(llama_vocab_get_add_sep(vocab), llama_vocab_sep(vocab));
    add_text(document);
    add(llama_vocab_get_add_eos(vocab), end);
    return tokens;
}

}  // namespace

uint32_t rerank(Session & session, const wire::RerankRequest & request, const std::function<bool()> & go_on,
                wire::RerankResult & result) {
    if (request.query().empty() || request.documents().empty()) {
        throw invalid_argument("there is no query, or there are no documents");
    }
    uint32_t read = 0;
    std::vector<float> scores;
    const uint32_t length = session.model().context_length(session.options());
    for (const std::string & document : request.documents()) {
        session.model().check_bytes(request.query().size() + document.size(), length);
        const Tokens tokens = pair(session.model(), request.query(), document);
        scores.push_back(session.embedder().rank(tokens, go_on));
        read += static_cast<uint32_t>(tokens.size());
    }
    std::vector<int> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] > scores[b]; });
    if (request.top_n() > 0 && static_cast<size_t>(request.top_n()) < order.size()) {
        order.resize(static_cast<size_t>(request.top_n()));
    }
    for (const int index : order) {
        wire::DocumentResult & document = *result.add_results();
        document.set_index(index);
        document.set_text(request.documents(index));
        document.set_relevance_score(scores[static_cast<size_t>(index)]);
    }
    result.mutable_usage()->set_prompt_tokens(static_cast<int32_t>(read));
    result.mutable_usage()->set_total_tokens(static_cast<int32_t>(read));
    return read;
}

}  // namespace serving
