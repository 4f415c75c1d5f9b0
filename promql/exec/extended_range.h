#pragma once

#include <utility>

#include "promql/exec/range_source.h"

namespace tidemark::promql {

// A matrix selector with `anchored` or `smoothed` as the result of a query: each series with a
// sample in its window has, beside those between them, a sample at both ends of it. Of the first
// window alone, as an instant query has but one.
class ExtendedRange : public RangeSource {
 public:
  ExtendedRange(RangeSourcePtr input, bool smoothed)
      : RangeSource(input->windows()), input_(std::move(input)), smoothed_(smoothed) {}

  absl::Status Open(QueryContext& query) override { return input_->Open(query); }
  size_t size() const override { return input_->size(); }
  SeriesHeader header(size_t i) const override { return input_->header(i); }
  absl::Status Read(size_t i, SampleColumns& out) const override;

 private:
  SampleColumns Extend(const SampleColumns& samples, size_t begin, size_t end) const;

  const RangeSourcePtr input_;
  const bool smoothed_;
};

}  // namespace tidemark::promql
