#include "http/remote/remote_read.h"

#include <memory>
#include <string>
#include <utility>

#include "base/io/compression.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/chunks_answer.h"
#include "http/remote/read_gate.h"
#include "http/remote/read_request.h"
#include "http/remote/samples_answer.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxMessageBytes = 32 << 20;

struct Reader {
  Reader(const RemoteReadOptions& options, const tsdb::Queryable& store,
         std::function<LabelSet()> external_labels, MetricRegistry& metrics)
      : options(options),
        store(store),
        external_labels(std::move(external_labels)),
        gate(options.concurrent_limit, metrics) {}

  const RemoteReadOptions options;
  const tsdb::Queryable& store;
  const std::function<LabelSet()> external_labels;
  ReadGate gate;
};

Response ReadError(const absl::Status& error) {
  const bool of_client = absl::IsInvalidArgument(error) || absl::IsResourceExhausted(error);
  return Response::Text(of_client ? 400 : 500, StrCat(error.message(), "\n"));
}

absl::StatusOr<ReadRequest> Decode(std::string_view body, const LabelSet& external_labels) {
  std::string message;
  RETURN_IF_ERROR(SnappyUncompress(body, kMaxMessageBytes, &message));
  return ParseReadRequest(message, external_labels);
}

Response AnswerWithSamples(const Reader& reader, const ReadRequest& request,
                           const LabelSet& external_labels, const Cancellation& cancellation) {
  const SamplesLimits limits = {.samples = reader.options.sample_limit,
                                .bytes = reader.options.max_answer_bytes};
  absl::StatusOr<std::string> answer =
      SamplesAnswer(request, *reader.store.NewQuerier(), external_labels, limits, cancellation);
  if (!answer.ok()) return ReadError(answer.status());
  Response response;
  response.content_type = "application/x-protobuf";
  response.headers.emplace_back("Content-Encoding", "snappy");
  response.body = *std::move(answer);
  return response;
}

// `place`, which needs the reader, is kept until all is sent.
Response AnswerWithChunks(std::shared_ptr<const Reader> reader, ReadRequest request,
                          LabelSet external_labels, const Cancellation& cancellation,
                          ReadGate::Place place) {
  const auto answer = std::make_shared<ChunksAnswer>(std::move(request), std::move(external_labels),
                                                     reader->options.max_bytes_in_frame,
                                                     reader->store.NewQuerier());
  if (const absl::Status status = answer->Begin(); !status.ok()) return ReadError(status);
  Response response;
  response.content_type = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
  response.stream = [reader = std::move(reader), answer, place = std::move(place),
                     &cancellation](const BodySink& sink) {
    absl::Status status = answer->Stream(sink, cancellation);
    if (!status.ok() && !absl::IsCancelled(status)) {
      log::Error("A remote read ended early", {{"err", std::string(status.message())}});
    }
    return status;
  };
  return response;
}

Response Read(const std::shared_ptr<Reader>& reader, const Request& request) {
  static const Cancellation kNever;
  const Cancellation& cancellation =
      request.cancellation != nullptr ? *request.cancellation : kNever;
  absl::StatusOr<ReadGate::Place> place = reader->gate.Enter(cancellation);
  if (!place.ok()) return ReadError(place.status());
  LabelSet external_labels = reader->external_labels();
  absl::StatusOr<ReadRequest> message = Decode(request.body, external_labels);
  if (!message.ok()) return ReadError(message.status());
  if (message->response_type == ReadResponseType::kSamples) {
    return AnswerWithSamples(*reader, *message, external_labels, cancellation);
  }
  return AnswerWithChunks(reader, *std::move(message), std::move(external_labels), cancellation,
                          *std::move(place));
}

}  // namespace

Handler RemoteReadHandler(const RemoteReadOptions& options, const tsdb::Queryable& store,
                          std::function<LabelSet()> external_labels, MetricRegistry& metrics) {
  const auto reader = std::make_shared<Reader>(options, store, std::move(external_labels), metrics);
  return [reader](const Request& request) { return Read(reader, request); };
}

}  // namespace tidemark::http
