#pragma once

#include <memory>

#include "promql/exec/range_source.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// A matrix selector: stored samples.
class StoredRange : public RangeSource {
 public:
  StoredRange(const RangeWindows& windows, std::shared_ptr<const tsdb::SeriesSet> series)
      : RangeSource(windows), series_(std::move(series)) {}

  absl::Status Open(QueryContext&) override { return absl::OkStatus(); }
  size_t size() const override { return series_->size(); }
  SeriesHeader header(size_t i) const override { return {series_->labels(i)}; }
  absl::Status Read(size_t i, SampleColumns& out) const override;

 private:
  const std::shared_ptr<const tsdb::SeriesSet> series_;
};

// Removes staleness markers, keeping the order of what stays.
void DropStaleMarkers(SampleColumns& samples);

}  // namespace tidemark::promql
