#include "service.h"

#include "answers.h"
#include "chat.h"
#include "memory.h"
#include "requests.h"
#include "version.h"

#include <chrono>

namespace backend {
namespace {

// Runs the body of a method; what it throws becomes the status.
template <typename Body>
::grpc::Status answer(const Body & body) {
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

}  // namespace

::grpc::Status Service::Health(::grpc::ServerContext *, const v1::HealthRequest *, v1::HealthResponse * response) {
    response->set_backend("llama-cpp");
    response->set_version(version());
    return ::grpc::Status::OK;
}

::grpc::Status Service::Status(::grpc::ServerContext *, const v1::StatusRequest *, v1::StatusResponse * response) {
    return answer([&] {
        std::shared_ptr<Session> loaded;
        {
            const std::lock_guard lock(session_mutex_);
            loaded = session_;
        }
        if (loaded) {
            response->set_state(v1::MODEL_STATE_READY);
            describe(loaded->model(), loaded->options(), *response->mutable_model());
            describe(loaded->load(), *response->mutable_slots());
        } else {
            response->set_state(loading_ ? v1::MODEL_STATE_LOADING : v1::MODEL_STATE_UNLOADED);
        }
        describe(process_memory(), *response->mutable_memory());
        describe(metrics_, *response->mutable_counters());
        describe_devices(*response);
    });
}

::grpc::Status Service::LoadModel(::grpc::ServerContext * context, const v1::LoadModelRequest * request,
                                  v1::LoadModelResponse * response) {
    return answer([&] {
        const LoadOptions options = load_options(*request);
        const std::lock_guard changing(change_mutex_);
        // Before the old model goes: a mistyped path should not cost it.
        check_model_file(options.path);
        unload();
        const auto started = std::chrono::steady_clock::now();
        const auto go_on = [&] { return !shutting_down_ && !context->IsCancelled(); };
        std::shared_ptr<Session> loaded;
        loading_ = true;
        try {
            loaded = std::make_shared<Session>(options, metrics_, go_on);
        } catch (...) {
            loading_ = false;
            throw;
        }
        {
            const std::lock_guard lock(session_mutex_);
            session_ = loaded;
        }
        loading_ = false;
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
        response->set_load_ms(took.count());
        describe(loaded->model(), loaded->options(), *response->mutable_model());
    });
}

::grpc::Status Service::UnloadModel(::grpc::ServerContext *, const v1::UnloadModelRequest *,
                                    v1::UnloadModelResponse * response) {
    return answer([&] {
        const std::lock_guard changing(change_mutex_);
        response->set_unloaded(unload());
    });
}

::grpc::ServerUnaryReactor * Service::Predict(::grpc::CallbackServerContext *, const v1::PredictRequest * request,
                                              v1::PredictResponse * response) {
    // Deletes itself when gRPC has done with it.
    auto * prediction = new WholePrediction(*response);
    start(*request, *prediction);
    return prediction;
}

::grpc::ServerWriteReactor<v1::PredictChunk> * Service::PredictStream(::grpc::CallbackServerContext *,
                                                                      const v1::PredictRequest * request) {
    auto * prediction = new StreamedPrediction();
    start(*request, *prediction);
    return prediction;
}

void Service::start(const v1::PredictRequest & request, Prediction & prediction) {
    ++metrics_.requests;
    const ::grpc::Status status = answer([&] {
        const auto loaded = session();
        Scheduler & scheduler = loaded->scheduler();
        auto job = make_job(*loaded, request, prediction);
        prediction.set_job(job);
        scheduler.submit(std::move(job));
    });
    // Once submitted, the prediction belongs to the scheduler.
    if (!status.ok()) {
        ++(status.error_code() == ::grpc::StatusCode::CANCELLED ? metrics_.requests_cancelled
                                                                : metrics_.requests_failed);
        Outcome outcome;
        outcome.status = status;
        prediction.finished(outcome);
    }
}

std::shared_ptr<Job> Service::make_job(const Session & loaded, const v1::PredictRequest & request,
                                       Prediction & prediction) {
    const Model & model = loaded.model();
    const bool chat = request.input_case() == v1::PredictRequest::kConversation;
    const std::string prompt =
        chat ? apply_chat_template(model, loaded.options().chat_template, chat_turns(request.conversation()))
             : request.prompt();
    if (prompt.empty()) {
        throw invalid_argument("the request has neither a prompt nor a conversation");
    }
    const SamplingSettings settings = sampling_settings(request, model.vocabulary_size());
    auto job = std::make_shared<Job>(model.tokenize(prompt, true, true), Sampler(model, settings),
                                     stop_words(request), max_tokens(request), prediction);
    job->ignore_eos = settings.ignore_eos;
    job->usage.seed = settings.seed;
    job->sampler.accept_prompt(job->prompt);
    if (request.echo()) {
        job->echo = prompt;
    }
    return job;
}

::grpc::Status Service::Embedding(::grpc::ServerContext * context, const v1::EmbeddingRequest * request,
                                  v1::EmbeddingResponse * response) {
    ++metrics_.requests;
    const ::grpc::Status status = answer([&] {
        const auto loaded = session();
        if (request->inputs().empty()) {
            throw invalid_argument("the request has no inputs");
        }
        std::vector<Tokens> texts;
        uint32_t tokens = 0;
        for (const std::string & input : request->inputs()) {
            texts.push_back(loaded->model().tokenize(input, true, true));
            tokens += static_cast<uint32_t>(texts.back().size());
        }
        const bool normalize = !request->has_normalize() || request->normalize();
        const auto vectors =
            loaded->embedder().embed(texts, normalize, [&] { return !shutting_down_ && !context->IsCancelled(); });
        for (const auto & vector : vectors) {
            response->add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
        }
        response->set_prompt_tokens(tokens);
        metrics_.prompt_tokens += tokens;
    });
    if (!status.ok()) {
        ++(status.error_code() == ::grpc::StatusCode::CANCELLED ? metrics_.requests_cancelled
                                                                : metrics_.requests_failed);
    }
    return status;
}

::grpc::Status Service::TokenizeString(::grpc::ServerContext *, const v1::TokenizeStringRequest * request,
                                       v1::TokenizeStringResponse * response) {
    return answer([&] {
        const auto loaded = session();
        const Model & model = loaded->model();
        for (const llama_token token : model.tokenize(request->text(), request->add_special(),
                                                      request->parse_special())) {
            response->add_tokens(static_cast<uint32_t>(token));
            response->add_pieces(model.piece(token, true));
        }
    });
}

::grpc::Status Service::Detokenize(::grpc::ServerContext *, const v1::DetokenizeRequest * request,
                                   v1::DetokenizeResponse * response) {
    return answer([&] {
        const auto loaded = session();
        response->set_text(valid_utf8(loaded->model().detokenize(tokens_of(*request), request->show_special())));
    });
}

void Service::shut_down() {
    shutting_down_ = true;
    const std::lock_guard changing(change_mutex_);
    unload();
}

std::shared_ptr<Session> Service::session() const {
    const std::lock_guard lock(session_mutex_);
    if (!session_) {
        throw failed_precondition(loading_ ? "the model is being loaded; try again when it is ready"
                                           : "no model is loaded; call LoadModel first");
    }
    return session_;
}

bool Service::unload() {
    std::shared_ptr<Session> old;
    {
        const std::lock_guard lock(session_mutex_);
        old.swap(session_);
    }
    if (!old) {
        return false;
    }
    old->stop();
    old.reset();
    trim_memory();
    return true;
}

}  // namespace backend
