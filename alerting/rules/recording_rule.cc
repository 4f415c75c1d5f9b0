#include "alerting/rules/recording_rule.h"

#include "absl/container/flat_hash_set.h"

#include "base/strings.h"

namespace tidemark::alerting {

absl::StatusOr<promql::InstantVector> RecordSeries(const std::string& name,
                                                   const RuleLabels& labels, int64_t limit,
                                                   promql::InstantVector result) {
  absl::flat_hash_set<LabelSet> seen;
  LabelSetBuilder builder;
  for (promql::VectorSample& sample : result) {
    builder.Reset(sample.labels);
    builder.Set(kMetricName, name);
    for (const auto& [label, value] : labels) builder.Set(label, value);
    sample.labels = builder.Build();
    if (!seen.insert(sample.labels).second) {
      return absl::FailedPreconditionError(
          "vector contains metrics with the same labelset after applying rule labels");
    }
  }
  if (limit > 0 && result.size() > static_cast<size_t>(limit)) {
    return absl::FailedPreconditionError(
        StrCat("exceeded limit of ", limit, " with ", result.size(), " series"));
  }
  return result;
}

}  // namespace tidemark::alerting
