#include "make_job.h"

#include "chat_answer.h"
#include "chat_template.h"
#include "media.h"
#include "text_request.h"

#include <algorithm>

namespace serving {
namespace {

common_grammar_trigger trigger_of(const Model & model, const common_grammar_trigger & trigger) {
    if (trigger.type != COMMON_GRAMMAR_TRIGGER_TYPE_WORD) {
        return trigger;
    }
    // A word that is one token is that token, wherever else its letters stand.
    const Tokens tokens = model.tokenize(trigger.value, false, true);
    return tokens.size() == 1 ? common_grammar_trigger{COMMON_GRAMMAR_TRIGGER_TYPE_TOKEN, trigger.value, tokens[0]} : trigger;
}

// What the template wants of the sampler: the grammar of the tools, unless the caller has one, and marks of thoughts, in
// which no grammar is in force.
void add_template(const Model & model, const common_chat_params & answer, int32_t reasoning_budget,
                  common_params_sampling & sampling) {
    for (const std::string & text : answer.preserved_tokens) {
        if (const Tokens tokens = model.tokenize(text, false, true); tokens.size() == 1) {
            sampling.preserved_tokens.insert(tokens[0]);
        }
    }
    sampling.generation_prompt = answer.generation_prompt;
    sampling.reasoning_budget_tokens = reasoning_budget;
    sampling.reasoning_budget_start = model.tokenize(answer.thinking_start_tag, false, true);
    for (const std::string & tag : answer.thinking_end_tags) {
        sampling.reasoning_budget_end.push_back(model.tokenize(tag, false, true));
    }
    if (!sampling.reasoning_budget_end.empty()) {
        sampling.reasoning_budget_forced = sampling.reasoning_budget_end.front();
    }
    if (answer.grammar.empty() || !sampling.grammar.empty()) {
        return;
    }
    sampling.grammar = {COMMON_GRAMMAR_TYPE_TOOL_CALLS, answer.grammar};
    sampling.grammar_lazy = answer.grammar_lazy;
    for (const common_grammar_trigger & trigger : answer.grammar_triggers) {
        sampling.grammar_triggers.push_back(trigger_of(model, trigger));
    }
}

void add_triggers(const LoadOptions & options, common_params_sampling & sampling) {
    sampling.grammar_lazy = !options.grammar_triggers.empty();
    for (const std::string & word : options.grammar_triggers) {
        sampling.grammar_triggers.push_back({COMMON_GRAMMAR_TRIGGER_TYPE_WORD, word});
    }
}

// The images and sounds of the request, in the order of their places.
std::vector<mtmd::bitmap> files(const Session & session, const wire::PredictOptions & request) {
    std::vector<mtmd::bitmap> all;
    if (request.images_size() + request.audios_size() == 0) {
        return all;
    }
    if (session.media() == nullptr) {
        throw failed_precondition("the model was loaded without MMProj, and can neither see nor hear");
    }
    for (const std::string & image : request.images()) {
        all.push_back(session.media()->image(image));
    }
    for (const std::string & sound : request.audios()) {
        all.push_back(session.media()->sound(sound));
    }
    return all;
}

Prompt prompt_of(const Session & session, const std::vector<PromptPart> & parts, const std::vector<mtmd::bitmap> & files) {
    const auto places = std::count_if(parts.begin(), parts.end(),
                                      [](const PromptPart & part) { return part.kind == PromptPart::Kind::media; });
    if (static_cast<size_t>(places) != files.size()) {
        throw invalid_argument("there are " + std::to_string(files.size()) + " images and sounds, but the prompt has " +
                               std::to_string(places) + " places for them, which are marked " + Media::marker());
    }
    size_t bytes = 0;
    for (const PromptPart & part : parts) {
        bytes += part.text.size();
    }
    session.model().check_bytes(bytes, session.model().context_length(session.options()));
    return files.empty() ? tokenize(session.model(), parts) : session.media()->tokenize(parts, files);
}

// Without files a marker is text.
std::vector<PromptPart> parts_of(const std::string & prompt, bool has_files) {
    return has_files ? split_at(Media::marker(), prompt) : std::vector{PromptPart{PromptPart::Kind::markup, prompt}};
}

}  // namespace

std::shared_ptr<Job> make_job(const Session & session, const wire::PredictOptions & request, Prediction & prediction) {
    const Model & model = session.model();
    TextRequest text = text_request(request, model.vocabulary_size(), model.context_length(session.options()));
    if (!text.sampling.grammar.empty()) {
        add_triggers(session.options(), text.sampling);
    }
    const std::vector<mtmd::bitmap> media = files(session, request);
    std::vector<PromptPart> parts;
    std::vector<std::string> ends;
    if (auto * chat = std::get_if<common_chat_templates_inputs>(&text.input)) {
        // The caller reads the calls that its own grammar makes.
        const bool told_apart = request.grammar().empty() || chat->tools.empty();
        ChatPrompt made = session.chat()->apply(std::move(*chat), media.size());
        parts = std::move(made.parts);
        ends = std::move(made.answer.additional_stops);
        text.stop_words.insert(text.stop_words.end(), ends.begin(), ends.end());
        add_template(model, made.answer, session.options().reasoning_budget, text.sampling);
        if (told_apart) {
            prediction.tell_apart(ChatAnswer(std::move(made.parser)));
        }
    } else {
        parts = parts_of(std::get<std::string>(text.input), !media.empty());
    }
    auto job = std::make_shared<Job>(prompt_of(session, parts, media), Sampler(model, text.sampling),
                                     std::move(text.stop_words), text.max_tokens, prediction);
    job->ends = std::move(ends);
    if (text.logprobs) {
        job->logprobs = std::make_unique<Logprobs>(*text.logprobs);
    }
    // An image has no tokens that could be guessed from.
    job->guesses = media.empty() ? text.guesses.value_or(session.options().draft.max_tokens) : 0;
    job->ignore_eos = text.sampling.ignore_eos;
    job->usage.seed = text.sampling.seed;
    job->sampler.accept_prompt(job->prompt.tokens);
    return job;
}

}  // namespace serving
