#include "tests/testing/histogram_series.h"

#include <bit>
#include <memory>

#include "base/strings.h"

namespace tidemark::testing {
namespace {

constexpr uint64_t kNumBuckets = 6;

bool HasHistograms(const LabelSet& labels) { return labels.Get("kind") == "histogram"; }

}  // namespace

HistogramSample HistogramFor(double value) {
  static const auto* const kLayout = [] {
    HistogramLayout layout;
    layout.schema = 1;
    layout.zero_threshold = 0x1p-128;
    layout.positive_spans = {{-2, 3}, {1, 3}};
    return new std::shared_ptr<const HistogramLayout>(
        std::make_shared<const HistogramLayout>(layout));
  }();
  HistogramSample sample;
  sample.layout = *kLayout;
  sample.sum = value;
  const auto bits = std::bit_cast<uint64_t>(value);
  for (uint64_t i = 0; i < kNumBuckets; ++i) {
    const uint64_t count = bits >> (10 * i) & 0x3ff;
    sample.positive_counts.push_back(count);
    sample.count += count;
  }
  sample.zero_count = bits >> 60;
  sample.count += sample.zero_count;
  return sample;
}

void AddValue(const LabelSet& labels, TimestampMs timestamp, double value, SampleColumns& to) {
  if (HasHistograms(labels)) {
    to.histograms.push_back(timestamp, HistogramFor(value));
  } else {
    to.push_back(timestamp, value);
  }
}

void AppendValue(const LabelSet& labels, SeriesRef series, TimestampMs timestamp, double value,
                 tsdb::Appender& to) {
  if (HasHistograms(labels)) {
    to.Append(series, timestamp, HistogramFor(value));
  } else {
    to.Append(series, timestamp, value);
  }
}

absl::Status ForEachValue(const LabelSet& labels, const SampleColumns& samples,
                          absl::FunctionRef<void(TimestampMs, double)> visit) {
  if (HasHistograms(labels) ? !samples.empty() : !samples.histograms.empty()) {
    return absl::DataLossError(StrCat("samples of another kind in ", labels.ToString()));
  }
  for (size_t i = 0; i < samples.size(); ++i) visit(samples.timestamps[i], samples.values[i]);
  for (size_t i = 0; i < samples.histograms.size(); ++i) {
    const HistogramView h = samples.histograms[i];
    HistogramSample want = HistogramFor(h.sum);
    want.counter_reset_hint = h.counter_reset_hint;
    if (h.is_float || !SameBits(ToIntegerHistogram(h), want)) {
      return absl::DataLossError(StrCat("a histogram that was never stored in ", labels.ToString(),
                                        " at ", samples.histograms.timestamps()[i]));
    }
    visit(samples.histograms.timestamps()[i], h.sum);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::testing
