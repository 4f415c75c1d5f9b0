#include "base/model/classic_buckets.h"

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/model/histogram_columns.h"

namespace tidemark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool IsExactInteger(double count) {
  return count == std::floor(count) && count <= static_cast<double>(kMaxExactCount);
}

template <typename Count>
BasicHistogramSample<Count> MakeSample(std::shared_ptr<const HistogramLayout> layout,
                                       CounterResetHint hint, const std::vector<double>& cumulative,
                                       double sum) {
  BasicHistogramSample<Count> sample;
  sample.counter_reset_hint = hint;
  sample.layout = std::move(layout);
  sample.count = static_cast<Count>(cumulative.back());
  sample.sum = sum;
  double before = 0;
  for (const double count : cumulative) {
    sample.positive_counts.push_back(static_cast<Count>(count - before));
    before = count;
  }
  return sample;
}

}  // namespace

void ClassicBuckets::AddBucket(double upper_bound, double cumulative_count) {
  bounds_.push_back(upper_bound);
  cumulative_counts_.push_back(cumulative_count);
}

void ClassicBuckets::Clear() {
  bounds_.clear();
  cumulative_counts_.clear();
  count_.reset();
  sum_ = 0;
}

std::optional<std::variant<HistogramSample, FloatHistogramSample>> ClassicBuckets::Convert(
    CounterResetHint hint) const {
  if (empty()) return std::nullopt;
  auto layout = std::make_shared<HistogramLayout>();
  layout->schema = kCustomBucketsSchema;
  std::vector<double> counts = cumulative_counts_;
  layout->custom_values = bounds_;
  if (!bounds_.empty() && bounds_.back() == kInfinity) {
    layout->custom_values.pop_back();
    if (count_.value_or(counts.back()) != counts.back()) return std::nullopt;
  } else {
    counts.push_back(count_ ? *count_ : counts.back());
  }
  layout->positive_spans = {{0, static_cast<uint32_t>(counts.size())}};

  const std::vector<double>& bounds = layout->custom_values;
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (std::isnan(bounds[i]) || bounds[i] == kInfinity) return std::nullopt;
    if (i > 0 && bounds[i] <= bounds[i - 1]) return std::nullopt;
  }
  bool whole = true;
  double last_count = 0;
  for (const double count : counts) {
    if (!(count >= last_count)) return std::nullopt;
    last_count = count;
    whole &= IsExactInteger(count);
  }
  if (whole) return MakeSample<uint64_t>(std::move(layout), hint, counts, sum_);
  return MakeSample<double>(std::move(layout), hint, counts, sum_);
}

}  // namespace tidemark
