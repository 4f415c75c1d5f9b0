#include "alerting/rules/rule_output.h"

#include <memory>
#include <string>
#include <vector>

#include "base/model/histogram_validation.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

template <typename Value>
absl::Status Append(tsdb::Appender& appender, const LabelSet& labels, TimestampMs stamp,
                    const Value& value) {
  ASSIGN_OR_RETURN(const SeriesRef series, appender.GetOrCreate(labels));
  appender.Append(series, stamp, value);
  return absl::OkStatus();
}

// What a rule gave that was not stored.
struct Dropped {
  size_t count = 0;
  std::string reason;  // of the last one
};

}  // namespace

absl::Status WriteRuleOutput(tsdb::Appendable& appendable, const promql::InstantVector& vector,
                             TimestampMs stamp, SeriesNames& previous) {
  const std::unique_ptr<tsdb::Appender> appender = appendable.NewAppender();
  SeriesNames returned;
  Dropped dropped;
  std::vector<const LabelSet*> appended;
  for (const promql::VectorSample& sample : vector) {
    if (sample.histogram == nullptr) {
      RETURN_IF_ERROR(Append(*appender, sample.labels, stamp, sample.value));
    } else if (absl::Status valid = ValidateHistogram(*sample.histogram); valid.ok()) {
      RETURN_IF_ERROR(Append(*appender, sample.labels, stamp, *sample.histogram));
    } else {
      dropped = {dropped.count + 1, std::string(valid.message())};
      continue;
    }
    appended.push_back(&sample.labels);
    returned.insert(sample.labels);
  }
  for (const LabelSet& labels : previous) {
    if (returned.contains(labels)) continue;
    RETURN_IF_ERROR(Append(*appender, labels, stamp, StaleMarker()));
  }
  ASSIGN_OR_RETURN(const tsdb::CommitResult result, appender->Commit(tsdb::CommitMode::kPartial));

  for (const tsdb::RejectedSample& rejected : result.rejected) {
    if (rejected.index >= appended.size()) continue;  // a marker that came too late ends nothing
    returned.erase(*appended[rejected.index]);
    dropped = {dropped.count + 1, std::string(tsdb::RejectReasonText(rejected.reason))};
  }
  previous = std::move(returned);
  if (dropped.count == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat(dropped.reason, " (", dropped.count, " of ", vector.size(), " results dropped)"));
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
