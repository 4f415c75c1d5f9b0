#include "alerting/rules/rule_output.h"

#include <memory>

#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

absl::Status Append(tsdb::Appender& appender, const LabelSet& labels, TimestampMs stamp,
                    double value) {
  ASSIGN_OR_RETURN(const SeriesRef series, appender.GetOrCreate(labels));
  appender.Append(series, stamp, value);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteRuleOutput(tsdb::Appendable& appendable, const promql::InstantVector& vector,
                             TimestampMs stamp, SeriesNames& previous) {
  const std::unique_ptr<tsdb::Appender> appender = appendable.NewAppender();
  SeriesNames returned;
  for (const promql::VectorSample& sample : vector) {
    RETURN_IF_ERROR(Append(*appender, sample.labels, stamp, sample.value));
    returned.insert(sample.labels);
  }
  for (const LabelSet& labels : previous) {
    if (returned.contains(labels)) continue;
    RETURN_IF_ERROR(Append(*appender, labels, stamp, StaleMarker()));
  }
  ASSIGN_OR_RETURN(const tsdb::CommitResult result, appender->Commit(tsdb::CommitMode::kPartial));

  size_t num_dropped = 0;
  std::string_view reason;
  for (const tsdb::RejectedSample& rejected : result.rejected) {
    if (rejected.index >= vector.size()) continue;  // a marker that came too late ends nothing
    returned.erase(vector[rejected.index].labels);
    reason = tsdb::RejectReasonText(rejected.reason);
    ++num_dropped;
  }
  previous = std::move(returned);
  if (num_dropped == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat(reason, " (", num_dropped, " of ", vector.size(), " results dropped)"));
}

absl::Status WriteStaleMarkers(tsdb::Appendable& appendable, const std::vector<LabelSet>& series,
                               TimestampMs stamp) {
  const std::unique_ptr<tsdb::Appender> appender = appendable.NewAppender();
  for (const LabelSet& labels : series) {
    RETURN_IF_ERROR(Append(*appender, labels, stamp, StaleMarker()));
  }
  return appender->Commit(tsdb::CommitMode::kPartial).status();
}

}  // namespace tidemark::alerting
