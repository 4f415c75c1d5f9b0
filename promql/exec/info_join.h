#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/labels/label_matcher.h"
#include "base/strings.h"
#include "promql/exec/table_operators.h"

namespace tidemark::promql {

// `info(v, {selector})`: adds to each series the labels of the info series that have the same
// `instance` and `job`, of each info metric those of the series with the newest sample at the step.
// Labels that the series has already stay. Info series among `v` are left as they are.
//   FailedPrecondition  two info series of a metric equally new, or two metrics that do not agree
//                       on a label; texts as Prometheus has them
class InfoJoin : public TableOperator {
 public:
  // `info`: the samples' own times, in seconds, of the series that pass `matchers`. Those of the
  // matchers that are not on the metric's name say which labels to add, all where there are none;
  // a series without an info series stays only where all of them let an absent label through.
  InfoJoin(OperatorPtr base, OperatorPtr info, const std::vector<LabelMatcher>& matchers);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  // Info series with one metric's name, one instance and one job.
  struct Group {
    std::vector<uint32_t> members;  // rows of the info table
    std::vector<uint32_t> newest;   // of them at each step, or kNone; empty for one member
    uint32_t At(const SeriesTable& info, size_t step) const;
  };
  // By what identifies a series, for each metric; in order of the metrics' names.
  using Groups = std::map<std::string, absl::flat_hash_map<LabelSet, Group>>;

  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  bool IsInfoMetric(const LabelSet& labels) const;
  Groups GroupInfo(const SeriesTable& base, const SeriesTable& info) const;
  absl::Status FindNewest(const SeriesTable& info, const std::vector<uint64_t>& steps,
                          Group& group) const;
  absl::Status Enrich(QueryContext& query, const SeriesHeader& header, const StepRow& row,
                      const SeriesTable& info, const Groups& groups, SeriesTable& result);
  // Adds the labels of these rows of the info table.
  absl::StatusOr<LabelSet> EnrichedLabels(const LabelSet& base, const SeriesTable& info,
                                          const std::vector<uint32_t>& rows) const;

  const OperatorPtr base_, info_;
  std::vector<LabelMatcher> names_;  // on the metric's name
  StringSet data_labels_;
  bool keeps_unmatched_ = true;
  ColumnBatch parts_;  // of one series, the steps that have the same info series
};

}  // namespace tidemark::promql
