#include "tests/testing/histogram_shapes.h"

#include <span>
#include <utility>
#include <vector>

#include "base/model/staleness.h"

namespace tidemark::testing {
namespace {

std::vector<BucketSpan> RandomSpans(Random& random, size_t max_spans) {
  std::vector<BucketSpan> spans(random() % (max_spans + 1));
  for (BucketSpan& span : spans) {
    span = {static_cast<int32_t>(random() % 20), static_cast<uint32_t>(random() % 9)};
  }
  if (!spans.empty()) spans[0].offset -= 10;
  return spans;
}

const std::shared_ptr<const HistogramLayout>& NoBuckets() {
  static const auto* const kLayout =
      new std::shared_ptr<const HistogramLayout>(std::make_shared<const HistogramLayout>());
  return *kLayout;
}

}  // namespace

std::shared_ptr<const HistogramLayout> RandomLayout(Random& random) {
  HistogramLayout layout;
  layout.positive_spans = RandomSpans(random, 4);
  if (random() % 4 == 0) {
    layout.schema = kCustomBucketsSchema;
    for (size_t i = 0; i < random() % 12; ++i) {
      layout.custom_values.push_back(static_cast<double>(i) * 0.25);
    }
  } else {
    layout.schema = static_cast<int32_t>(random() % 13) + kMinExponentialSchema;
    layout.zero_threshold = random() % 2 == 0 ? 0 : 0x1p-128;
    layout.negative_spans = RandomSpans(random, 2);
  }
  return std::make_shared<const HistogramLayout>(std::move(layout));
}

double HistogramShape::Rise() {
  if (random_() % 100 == 0) return is_float_ ? 0.1 : 1;
  return static_cast<double>(random_() % 50);
}

void HistogramShape::Restart() {
  layout_ = RandomLayout(random_);
  hint_ = random_() % 4 == 0 ? CounterResetHint::kGauge : CounterResetHint::kUnknown;
  num_positive_ = NumBuckets(layout_->positive_spans);
  buckets_.assign(num_positive_ + NumBuckets(layout_->negative_spans), 0.0);
  count_ = zero_count_ = sum_ = 0;
}

HistogramView HistogramShape::Next() {
  if (layout_ == nullptr || random_() % 50 == 0) Restart();
  double added = Rise();
  zero_count_ += added;
  for (double& bucket : buckets_) {
    const double rise = Rise();
    bucket += rise;
    added += rise;
  }
  count_ += added;
  sum_ += static_cast<double>(random_() % 1000) / 8;
  if (random_() % 30 == 0) {
    return {NoBuckets(), CounterResetHint::kUnknown, is_float_, 0, 0, StaleMarker(), {}, {}};
  }
  const std::span<const double> all = buckets_;
  return {layout_,
          hint_,
          is_float_,
          count_,
          zero_count_,
          sum_,
          all.first(num_positive_),
          all.subspan(num_positive_)};
}

HistogramColumns MakeHistograms(uint64_t seed, size_t count, bool is_float) {
  HistogramShape shape(seed, is_float);
  HistogramColumns histograms;
  for (size_t i = 0; i < count; ++i) {
    histograms.push_back(1'700'000'000'000 + 15 * kSecond * static_cast<TimestampMs>(i),
                         shape.Next());
  }
  return histograms;
}

}  // namespace tidemark::testing
