#include "http/otlp/otlp_receiver.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"

#include "base/io/compression.h"
#include "base/io/varint.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/otlp/delta_sums.h"
#include "http/otlp/otlp_json.h"
#include "http/otlp/otlp_protobuf.h"
#include "http/otlp/otlp_translator.h"
#include "http/remote/write_answer.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxProtobufBytes = 32 << 20, kMaxJsonBytes = 16 << 20;
constexpr std::string_view kProtobuf = "application/x-protobuf", kJson = "application/json";

struct Receiver {
  Receiver(const OtlpContext& context, tsdb::Appendable& store, MetricRegistry& registry)
      : context(context),
        store(store),
        left_out(registry.AddCounter("tidemark_api_otlp_left_out_total",
                                     "Points of OTLP requests that could not be stored, those of a "
                                     "metric that could not counting once.")) {}

  const OtlpContext context;
  tsdb::Appendable& store;
  Counter& left_out;
  DeltaSums sums;
};

// The message ExportMetricsServiceResponse, empty where everything was stored.
std::string Answer(bool is_json, const OtlpTranslator& translator) {
  const size_t count = translator.num_left_out();
  std::string body;
  if (is_json) {
    JsonWriter json(&body);
    json.BeginObject();
    if (count > 0) {
      json.Key("partialSuccess").BeginObject();
      json.Key("rejectedDataPoints").String(StrCat(count));
      json.Key("errorMessage").String(translator.first_error()).EndObject();
    }
    json.EndObject();
  } else if (count > 0) {
    std::string partial;
    partial.push_back(1 << 3);  // rejected_data_points
    AppendVarint(count, &partial);
    partial.push_back(2 << 3 | 2);  // error_message
    AppendLengthPrefixed(translator.first_error(), &partial);
    body.push_back(1 << 3 | 2);  // partial_success
    AppendLengthPrefixed(partial, &body);
  }
  return body;
}

Response Store(Receiver& receiver, std::string_view message, bool is_json) {
  const OtlpOptions options = receiver.context.options();
  const LabelSet external_labels = receiver.context.external_labels();
  const std::unique_ptr<tsdb::Appender> appender = receiver.store.NewAppender();
  std::optional<DeltaSums::Batch> sums;
  if (receiver.context.deltas == OtlpDeltas::kAccumulate) {
    sums.emplace(receiver.sums, receiver.context.clock.Now());
  }
  OtlpTranslator translator({.options = options,
                             .external_labels = external_labels,
                             .deltas = receiver.context.deltas,
                             .lookback_delta = receiver.context.lookback_delta,
                             .appender = *appender,
                             .sums = sums ? &*sums : nullptr});
  const absl::Status status =
      is_json ? ReadOtlpJson(message, translator) : ReadOtlpProtobuf(message, translator);
  if (!status.ok()) return WriteError(absl::IsInvalidArgument(status) ? 400 : 500, status);
  const absl::StatusOr<tsdb::CommitResult> result =
      appender->Commit(tsdb::CommitMode::kAllOrNothing);
  if (!result.ok()) return WriteError(500, result.status());
  if (!result->rejected.empty()) {
    return WriteError(400, tsdb::RejectReasonText(result->rejected.front().reason));
  }
  if (sums) sums->Keep();
  if (translator.num_left_out() > 0) {
    receiver.left_out.Increment(static_cast<double>(translator.num_left_out()));
    log::Warn("points of an OTLP request were left out",
              {{"count", StrCat(translator.num_left_out())}, {"err", translator.first_error()}});
  }
  Response response = Response::Text(200, Answer(is_json, translator));
  response.content_type = is_json ? kJson : kProtobuf;
  return response;
}

Response Receive(Receiver& receiver, const Request& request) {
  if (!receiver.context.enabled) {
    return WriteError(404,
                      "otlp write receiver needs to be enabled with --web.enable-otlp-receiver");
  }
  std::string_view type = request.Header("Content-Type");
  type = type.substr(0, type.find(';'));
  const bool is_json = type == kJson;
  if (!is_json && type != kProtobuf) {
    return WriteError(415, StrCat("unsupported content type: ", type, ", supported: [", kJson, ", ",
                                  kProtobuf, "]"));
  }
  const size_t max_bytes = is_json ? kMaxJsonBytes : kMaxProtobufBytes;
  const std::string_view coding = request.Header("Content-Encoding");
  if (coding.empty() || coding == "identity") {
    if (request.body.size() > max_bytes) return WriteError(413, "the request is too large");
    return Store(receiver, request.body, is_json);
  }
  if (coding != "gzip") {
    return WriteError(415, StrCat("unsupported compression: ", coding,
                                  ". Only \"gzip\" or no compression supported"));
  }
  std::string message;
  const absl::Status status = GzipUncompress(request.body, max_bytes, &message);
  if (!status.ok()) return WriteError(absl::IsResourceExhausted(status) ? 413 : 400, status);
  return Store(receiver, message, is_json);
}

}  // namespace

Handler OtlpHandler(const OtlpContext& context, tsdb::Appendable& store, MetricRegistry& metrics) {
  const auto receiver = std::make_shared<Receiver>(context, store, metrics);
  return [receiver](const Request& request) { return Receive(*receiver, request); };
}

}  // namespace tidemark::http
