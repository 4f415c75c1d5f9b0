#include "http/remote/receive_v1.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/io/hash.h"
#include "base/status_macros.h"
#include "http/remote/write_answer.h"
#include "http/remote/write_request.h"

namespace tidemark::http {
namespace {

// The series as the store knows it; kNoSeries where its labels are not allowed.
absl::StatusOr<SeriesRef> FindOrCreate(std::string_view raw_labels, tsdb::Appender& appender) {
  const Hash128 key = SeededHash128(raw_labels);
  if (const SeriesRef found = appender.Find(key); found != kNoSeries) return found;
  ASSIGN_OR_RETURN(const std::optional<LabelSet> labels, ParseRawLabels(raw_labels));
  if (!labels) return kNoSeries;
  return appender.GetOrCreate(*labels, &key);
}

// As in Prometheus, an exemplar that cannot be stored is no error of the request.
void AppendExemplars(WrittenSeries& series, SeriesRef ref, tsdb::Appender& appender) {
  if (ref == kNoSeries) return;
  for (Exemplar& exemplar : series.exemplars) {
    appender.AppendExemplar(ref, std::move(exemplar));
  }
}

absl::Status AppendSeries(WrittenSeries& series, tsdb::Appender& appender, WriteMetrics& metrics) {
  if (series.num_samples() == 0) {
    // The store would keep it for ever, although nothing is stored of it.
    RETURN_IF_ERROR(ParseRawLabels(series.raw_labels).status());
    AppendExemplars(series, appender.Find(SeededHash128(series.raw_labels)), appender);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const SeriesRef ref, FindOrCreate(series.raw_labels, appender));
  if (ref == kNoSeries) {
    metrics.invalid_labels.Increment(static_cast<double>(series.num_samples()));
    return absl::OkStatus();
  }
  for (const Sample& sample : series.samples) {
    appender.Append(ref, sample.timestamp, sample.value);
  }
  for (WrittenHistogram& histogram : series.histograms) {
    RETURN_IF_ERROR(CheckHistogram(histogram));
    AppendHistogram(ref, std::move(histogram), appender);
  }
  AppendExemplars(series, ref, appender);
  return absl::OkStatus();
}

absl::Status AppendAll(std::string_view message, tsdb::Appender& appender, WriteMetrics& metrics) {
  WriteRequestReader reader(message);
  WrittenSeries series;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(series));
    if (!more) break;
    RETURN_IF_ERROR(AppendSeries(series, appender, metrics));
  }
  if (reader.num_metadata() > 0) {
    metrics.metadata.Increment(static_cast<double>(reader.num_metadata()));
  }
  return absl::OkStatus();
}

}  // namespace

Response ReceiveV1(std::string_view message, tsdb::Appendable& store, WriteMetrics& metrics) {
  const std::unique_ptr<tsdb::Appender> appender = store.NewAppender();
  if (const absl::Status status = AppendAll(message, *appender, metrics); !status.ok()) {
    appender->Rollback();
    return WriteError(absl::IsInvalidArgument(status) ? 400 : 500, status);
  }
  const absl::StatusOr<tsdb::CommitResult> result =
      appender->Commit(tsdb::CommitMode::kAllOrNothing);
  if (!result.ok()) return WriteError(500, result.status());
  if (!result->rejected.empty()) {
    return WriteError(400, tsdb::RejectReasonText(result->rejected.front().reason));
  }
  return Response::Text(204, "");
}

}  // namespace tidemark::http
