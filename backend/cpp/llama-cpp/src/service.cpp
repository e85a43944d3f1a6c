#include "service.h"

#include "answers.h"
#include "chat_template.h"
#include "load_request.h"
#include "make_job.h"
#include "media.h"
#include "memory.h"
#include "model_files.h"
#include "rerank.h"
#include "score.h"
#include "tool_format.h"
#include "version.h"

namespace serving {
namespace {

Tokens text_to_embed(const Session & session, const wire::PredictOptions & request) {
    const Model & model = session.model();
    if (!request.embeddings().empty()) {
        model.check_bytes(request.embeddings().size(), model.context_length(session.options()));
        return model.tokenize(request.embeddings(), true, true);
    }
    if (request.embeddingtokens().empty()) {
        throw invalid_argument("neither Embeddings nor EmbeddingTokens holds anything");
    }
    Tokens tokens(request.embeddingtokens().begin(), request.embeddingtokens().end());
    model.check(tokens);
    return tokens;
}

// A flag that is up while this lives.
class Raised {
public:
    explicit Raised(std::atomic<bool> & flag) : flag_(flag) { flag_ = true; }
    ~Raised() { flag_ = false; }
    Raised(const Raised &) = delete;
    Raised & operator=(const Raised &) = delete;

private:
    std::atomic<bool> & flag_;
};

}  // namespace

template <typename Body>
::grpc::Status Service::answer(const ::grpc::ServerContextBase & context, const Body & body) const {
    if (const ::grpc::Status refused = access_.check(context); !refused.ok()) {
        return refused;
    }
    try {
        body();
        return ::grpc::Status::OK;
    } catch (const Failure & failure) {
        return failure.status();
    } catch (const std::bad_alloc &) {
        return {::grpc::StatusCode::RESOURCE_EXHAUSTED, "memory ran out"};
    } catch (const std::exception & error) {
        return {::grpc::StatusCode::INTERNAL, error.what()};
    }
}

template <typename Body>
::grpc::Status Service::answer_counted(const ::grpc::ServerContextBase & context, const Body & body) {
    ++metrics_.requests;
    const ::grpc::Status status = answer(context, body);
    if (!status.ok()) {
        ++(status.error_code() == ::grpc::StatusCode::CANCELLED ? metrics_.requests_cancelled
                                                                : metrics_.requests_failed);
    }
    return status;
}

::grpc::Status Service::Health(::grpc::ServerContext * context, const wire::HealthMessage *, wire::Reply * response) {
    return answer(*context, [&] { response->set_message("OK"); });
}

::grpc::Status Service::Status(::grpc::ServerContext * context, const wire::HealthMessage *,
                               wire::StatusResponse * response) {
    return answer(*context, [&] {
        response->set_state(state(loaded().get()));
        describe(process_memory(), *response->mutable_memory());
    });
}

::grpc::Status Service::GetMetrics(::grpc::ServerContext * context, const wire::MetricsRequest *,
                                   wire::MetricsResponse * response) {
    return answer(*context, [&] { describe(metrics_.last(), *response); });
}

::grpc::Status Service::LoadModel(::grpc::ServerContext * context, const wire::ModelOptions * request,
                                  wire::Result * response) {
    return answer(*context, [&] {
        const LoadOptions options = load_options(*request);
        check_below(models_, options.files());
        const std::lock_guard changing(change_mutex_);
        std::shared_ptr<Session> made = load(options, [&] { return !shutting_down_ && !context->IsCancelled(); });
        {
            const std::lock_guard lock(session_mutex_);
            session_.swap(made);
        }
        end(std::move(made));
        response->set_message("the model is loaded");
        response->set_success(true);
    });
}

std::shared_ptr<Session> Service::load(const LoadOptions & options, const std::function<bool()> & go_on) {
    const Raised loading(loading_);
    try {
        return std::make_shared<Session>(options, metrics_, go_on);
    } catch (const Failure & failure) {
        // Beside the old model there may be no room; in its place there may.
        if (failure.code() != ::grpc::StatusCode::RESOURCE_EXHAUSTED || !unload()) {
            throw;
        }
    }
    return std::make_shared<Session>(options, metrics_, go_on);
}

::grpc::Status Service::ModelMetadata(::grpc::ServerContext * context, const wire::ModelOptions *,
                                      wire::ModelMetadataResponse * response) {
    return answer(*context, [&] {
        const auto found = session();
        response->set_media_marker(found->media() == nullptr ? "" : Media::marker());
        if (const ChatTemplate * chat = found->chat()) {
            response->set_supports_thinking(chat->supports_thinking());
            response->set_rendered_template(chat->example());
            describe_tool_format(chat->jinja(), *response);
        }
    });
}

::grpc::Status Service::Free(::grpc::ServerContext * context, const wire::HealthMessage *, wire::Result * response) {
    return answer(*context, [&] {
        const std::lock_guard changing(change_mutex_);
        response->set_message(unload() ? "the model is freed" : "there was no model to free");
        response->set_success(true);
    });
}

::grpc::ServerUnaryReactor * Service::Predict(::grpc::CallbackServerContext * context,
                                              const wire::PredictOptions * request, wire::Reply * response) {
    // Deletes itself when gRPC has done with it.
    auto * prediction = new WholePrediction(*context, teller_, *response);
    start(*context, *request, *prediction);
    return prediction;
}

::grpc::ServerWriteReactor<wire::Reply> * Service::PredictStream(::grpc::CallbackServerContext * context,
                                                                 const wire::PredictOptions * request) {
    auto * prediction = new StreamedPrediction(*context, teller_);
    start(*context, *request, *prediction);
    return prediction;
}

void Service::start(const ::grpc::ServerContextBase & context, const wire::PredictOptions & request,
                    Prediction & prediction) {
    const ::grpc::Status status = answer_counted(context, [&] {
        const auto found = session(request.modelidentity());
        Scheduler & scheduler = found->scheduler();
        auto job = make_job(*found, request, prediction);
        prediction.set_job(job);
        scheduler.submit(std::move(job));
    });
    // Once submitted, the prediction belongs to the scheduler.
    if (!status.ok()) {
        Outcome outcome;
        outcome.status = status;
        prediction.finished(outcome);
    }
}

::grpc::Status Service::Embedding(::grpc::ServerContext * context, const wire::PredictOptions * request,
                                  wire::EmbeddingResult * response) {
    return answer_counted(*context, [&] {
        const auto found = session(request->modelidentity());
        const Tokens text = text_to_embed(*found, *request);
        const auto go_on = [&] { return !shutting_down_ && !context->IsCancelled(); };
        describe(found->embedder().embed(text, go_on), *response);
        response->set_prompt_tokens(static_cast<int32_t>(text.size()));
        metrics_.prompt_tokens += text.size();
    });
}

::grpc::Status Service::TokenizeString(::grpc::ServerContext * context, const wire::PredictOptions * request,
                                       wire::TokenizationResponse * response) {
    return answer(*context, [&] {
        const auto found = session(request->modelidentity());
        found->model().check_countable(request->prompt().size(), found->options());
        const Tokens tokens = found->model().tokenize(request->prompt(), false, true);
        response->mutable_tokens()->Add(tokens.begin(), tokens.end());
        response->set_length(response->tokens_size());
    });
}

::grpc::Status Service::Detokenize(::grpc::ServerContext * context, const wire::DetokenizeRequest * request,
                                   wire::DetokenizeResponse * response) {
    return answer(*context, [&] {
        const Tokens tokens(request->tokens().begin(), request->tokens().end());
        response->set_content(valid_utf8(session()->model().detokenize(tokens)));
    });
}

::grpc::Status Service::Rerank(::grpc::ServerContext * context, const wire::RerankRequest * request,
                               wire::RerankResult * response) {
    return answer_counted(*context, [&] {
        const auto found = session(request->modelidentity());
        const auto go_on = [&] { return !shutting_down_ && !context->IsCancelled(); };
        metrics_.prompt_tokens += rerank(*found, *request, go_on, *response);
    });
}

::grpc::Status Service::Score(::grpc::ServerContext * context, const wire::ScoreRequest * request,
                              wire::ScoreResponse * response) {
    return answer_counted(*context, [&] {
        const auto found = session(request->modelidentity());
        const auto go_on = [&] { return !shutting_down_ && !context->IsCancelled(); };
        metrics_.prompt_tokens += score(*found, *request, go_on, *response);
    });
}

::grpc::Status Service::Inspection::Inspect(::grpc::ServerContext * context, const wire::InspectRequest *,
                                            wire::Inspected * response) {
    return service_.answer(*context, [&] {
        response->set_backend("llama-cpp");
        response->set_version(version());
        const auto found = service_.loaded();
        response->set_state(service_.state(found.get()));
        if (found) {
            describe(found->model(), found->options(), *response->mutable_model());
            response->mutable_model()->set_load_ms(found->load_ms());
            describe(found->load(), *response->mutable_slots());
        }
        describe(service_.metrics_, *response->mutable_counters());
        describe_devices(*response);
    });
}

void Service::shut_down() {
    shutting_down_ = true;
    const std::lock_guard changing(change_mutex_);
    unload();
}

std::shared_ptr<Session> Service::loaded() const {
    const std::lock_guard lock(session_mutex_);
    return session_;
}

std::shared_ptr<Session> Service::session(const std::string & identity) const {
    auto found = loaded();
    if (!found) {
        throw failed_precondition(loading_ ? "the model is being loaded; try again when it is ready"
                                           : "no model is loaded; call LoadModel first");
    }
    const std::string & own = found->options().identity;
    if (!identity.empty() && !own.empty() && identity != own) {
        // LocalAI looks for the words before the colon.
        throw failed_precondition("model identity mismatch: `" + own + "` is loaded, the request is for `" + identity + "`");
    }
    return found;
}

wire::StatusResponse::State Service::state(const Session * session) const {
    if (session == nullptr) {
        return loading_ ? wire::StatusResponse::BUSY : wire::StatusResponse::UNINITIALIZED;
    }
    const Load load = session->load();
    return load.total > 0 && load.busy == load.total ? wire::StatusResponse::BUSY : wire::StatusResponse::READY;
}

bool Service::unload() {
    std::shared_ptr<Session> old;
    {
        const std::lock_guard lock(session_mutex_);
        old.swap(session_);
    }
    const bool found = old != nullptr;
    end(std::move(old));
    return found;
}

void Service::end(std::shared_ptr<Session> session) {
    if (session) {
        session->stop();
        session.reset();
        trim_memory();
    }
}

}  // namespace serving
