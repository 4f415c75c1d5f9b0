#include "http/remote/remote_write.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "base/io/compression.h"
#include "base/io/hash.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/write_request.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxMessageBytes = 32 << 20;
constexpr std::string_view kMediaType = "application/x-protobuf";
constexpr std::string_view kMessage = "prometheus.WriteRequest";

struct WriteMetrics {
  explicit WriteMetrics(MetricRegistry& metrics)
      : invalid_labels(metrics.AddCounter(
            "prometheus_api_remote_write_invalid_labels_samples_total",
            "Samples of remote write dropped because their labels are no label set.")),
        histograms(Unsupported("histogram", metrics)),
        exemplars(Unsupported("exemplar", metrics)) {}

  static Counter& Unsupported(std::string type, MetricRegistry& metrics) {
    return metrics.AddCounter("tidemark_api_remote_write_unsupported_total",
                              "What was received by remote write and cannot be stored yet.",
                              {{"type", std::move(type)}});
  }

  Counter& invalid_labels;
  Counter& histograms;
  Counter& exemplars;
};

Response ErrorText(int status, std::string_view text) {
  return Response::Text(status, StrCat(text, "\n"));
}
Response ErrorText(int status, const absl::Status& error) {
  return ErrorText(status, ToStd(error.message()));
}

// The answer to a request that is not of the one protocol; nullopt where it is. An absent header
// counts as the right one.
std::optional<Response> CheckProtocol(const Request& request) {
  std::string_view type = request.Header("Content-Type");
  if (type.empty()) type = kMediaType;
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(type), ';');
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]), ToAbsl(kMediaType))) {
    return ErrorText(415, StrCat("expected ", kMediaType, " as the first (media) part, got ", type,
                                 " content-type"));
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    absl::string_view message = absl::StripAsciiWhitespace(parts[i]);
    if (absl::ConsumePrefix(&message, "proto=") && message != ToAbsl(kMessage)) {
      return ErrorText(415,
                       StrCat("got ", type, " content type; this server only accepts ", kMessage));
    }
  }
  const std::string_view encoding = request.Header("Content-Encoding");
  if (!encoding.empty() && encoding != "snappy") {
    return ErrorText(415, StrCat(encoding,
                                 " encoding (compression) is not accepted by this server; only "
                                 "snappy is acceptable"));
  }
  return std::nullopt;
}

// The series as the store knows it; kNoSeries where its labels are not allowed.
absl::StatusOr<SeriesRef> FindOrCreate(std::string_view raw_labels, tsdb::Appender& appender) {
  const Hash128 key = SeededHash128(raw_labels);
  if (const SeriesRef found = appender.Find(key); found != kNoSeries) return found;
  ASSIGN_OR_RETURN(const std::optional<LabelSet> labels, ParseRawLabels(raw_labels));
  if (!labels) return kNoSeries;
  return appender.GetOrCreate(*labels, &key);
}

void CountUnsupported(const WrittenSeries& series, WriteMetrics& metrics) {
  if (series.num_histograms > 0) {
    metrics.histograms.Increment(static_cast<double>(series.num_histograms));
  }
  if (series.num_exemplars > 0) {
    metrics.exemplars.Increment(static_cast<double>(series.num_exemplars));
  }
}

absl::Status AppendAll(std::string_view message, tsdb::Appender& appender, WriteMetrics& metrics) {
  WriteRequestReader reader(message);
  WrittenSeries series;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(series));
    if (!more) return absl::OkStatus();
    CountUnsupported(series, metrics);
    if (series.samples.empty()) {
      // The store would keep it for ever, although nothing is stored of it.
      RETURN_IF_ERROR(ParseRawLabels(series.raw_labels).status());
      continue;
    }
    ASSIGN_OR_RETURN(const SeriesRef ref, FindOrCreate(series.raw_labels, appender));
    if (ref == kNoSeries) {
      metrics.invalid_labels.Increment(static_cast<double>(series.samples.size()));
      continue;
    }
    for (const Sample& sample : series.samples) {
      appender.Append(ref, sample.timestamp, sample.value);
    }
  }
}

Response Store(std::string_view message, tsdb::Appendable& store, WriteMetrics& metrics) {
  const std::unique_ptr<tsdb::Appender> appender = store.NewAppender();
  if (const absl::Status status = AppendAll(message, *appender, metrics); !status.ok()) {
    appender->Rollback();
    return ErrorText(absl::IsInvalidArgument(status) ? 400 : 500, status);
  }
  const absl::StatusOr<tsdb::CommitResult> result =
      appender->Commit(tsdb::CommitMode::kAllOrNothing);
  if (!result.ok()) return ErrorText(500, result.status());
  if (!result->rejected.empty()) {
    return ErrorText(400, tsdb::RejectReasonText(result->rejected.front().reason));
  }
  return Response::Text(204, "");
}

}  // namespace

Handler RemoteWriteHandler(bool enabled, tsdb::Appendable& store, MetricRegistry& metrics) {
  const auto write_metrics = std::make_shared<WriteMetrics>(metrics);
  return [enabled, &store, write_metrics](const Request& request) -> Response {
    if (!enabled) {
      return ErrorText(404,
                       "remote write receiver needs to be enabled with "
                       "--web.enable-remote-write-receiver");
    }
    if (std::optional<Response> refusal = CheckProtocol(request)) return *std::move(refusal);
    std::string message;
    const absl::Status status = SnappyUncompress(request.body, kMaxMessageBytes, &message);
    if (!status.ok()) return ErrorText(absl::IsResourceExhausted(status) ? 413 : 400, status);
    return Store(message, store, *write_metrics);
  };
}

}  // namespace tidemark::http
