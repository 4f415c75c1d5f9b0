#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/model/sample.h"
#include "promql/exec/operator.h"
#include "promql/exec/range_windows.h"
#include "promql/parser/ast.h"
#include "promql/plan/logical_plan.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// A vector selector: at each step the newest sample in the window that the lookback delta opens;
// none where that is a staleness marker.
class InstantSelector : public Operator {
 public:
  enum class Gives {
    kValue,
    // Its own time in seconds, without the metric's name: timestamp().
    kTimestamp,
    // When what it counts began, in seconds, 0 where that is not known, without the metric's name:
    // start_timestamp().
    kStartTimestamp,
    // Its own time in seconds, under all its labels: of info metrics.
    kTimestampOfInfo,
    // `smoothed`: the value at the step's time on the line between the samples before and after
    // it, that of the one before where none follows within reach.
    kSmoothedValue,
  };
  // Of `select` kept_labels and finds_resets matter. `source`: where it stands in the query.
  InstantSelector(const RangeWindows& windows, std::shared_ptr<const tsdb::SeriesSet> series,
                  Gives gives, const SelectNode& select, SourceRange source)
      : Operator(windows.times),
        windows_(windows),
        series_(std::move(series)),
        gives_(gives),
        kept_labels_(select.kept_labels),
        finds_resets_(select.finds_resets),
        source_(source) {}

  // FailedPrecondition  an info metric has a native histogram
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  absl::Status ReadRow(size_t i, SampleColumns& samples) const;
  static void CountQueryable(QueryContext& query, ColumnBatch& out);
  double ValueOf(const SampleColumns& samples, size_t i) const;
  LabelSet LabelsOf(size_t i) const;
  void Fill(const SampleColumns& samples, const StepRow& out) const;
  // The same of a series that has native histograms.
  absl::Status FillMixed(const SampleColumns& samples, const StepRow& out) const;
  void FillSmoothed(const SampleColumns& samples, const StepRow& out) const;
  // Adds the histograms to that, which a step has that sees no floats.
  void FillSmoothedHistograms(QueryContext& query, const LabelSet& labels,
                              const SampleColumns& samples, const StepRow& out) const;

  const RangeWindows windows_;
  const std::shared_ptr<const tsdb::SeriesSet> series_;
  const Gives gives_;
  const std::optional<std::vector<std::string>> kept_labels_;
  const bool finds_resets_;
  const SourceRange source_;
  size_t next_ = 0;
  std::vector<std::optional<MemoryReservation>> held_;  // for the histograms of each row at hand
};

}  // namespace tidemark::promql
