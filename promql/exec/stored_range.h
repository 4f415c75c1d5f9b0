#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "promql/exec/range_source.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// A matrix selector: stored samples.
class StoredRange : public RangeSource {
 public:
  // `kept_labels`: those that headers are to have, see SelectNode; the others are left out.
  // `finds_resets`: see there.
  StoredRange(const RangeWindows& windows, std::shared_ptr<const tsdb::SeriesSet> series,
              std::optional<std::vector<std::string>> kept_labels, bool finds_resets = false)
      : RangeSource(windows),
        series_(std::move(series)),
        kept_labels_(std::move(kept_labels)),
        finds_resets_(finds_resets) {}

  absl::Status Open(QueryContext&) override { return absl::OkStatus(); }
  size_t size() const override { return series_->size(); }
  SeriesHeader header(size_t i) const override {
    return {kept_labels_ ? series_->KeptLabels(i, *kept_labels_) : series_->labels(i)};
  }
  absl::Status Read(size_t i, SampleColumns& out) const override;
  absl::StatusOr<bool> ReadTotals(size_t i, WindowTotals& out) const override;

  // Whether no two series have the same labels but for the metric's name. Cost: a hash of the
  // labels of each.
  bool DistinctWithoutNames(QueryContext& query) const;
  void KeepAllLabels() { kept_labels_.reset(); }

 private:
  const std::shared_ptr<const tsdb::SeriesSet> series_;
  std::optional<std::vector<std::string>> kept_labels_;
  const bool finds_resets_;
};

// Removes staleness markers, floats and histograms, keeping the order of what stays.
void DropStaleMarkers(SampleColumns& samples);
void DropStaleMarkers(HistogramColumns& histograms);

}  // namespace tidemark::promql
