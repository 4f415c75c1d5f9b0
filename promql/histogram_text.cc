#include "promql/histogram_text.h"

#include <span>
#include <string_view>
#include <vector>

#include "base/model/float_format.h"
#include "base/model/histogram_bounds.h"
#include "base/model/histogram_buckets.h"
#include "base/strings.h"
#include "promql/bucket_iterator.h"

namespace tidemark::promql {
namespace {

constexpr int64_t kMaxBuckets = 1'000'000;

void AppendField(std::string_view name, double value, std::string* out) {
  if (value != 0) StrAppend(out, " ", name, ":", FormatFloatG(value));
}

void AppendList(std::string_view name, std::span<const double> values, std::string* out) {
  StrAppend(out, " ", name, ":[");
  for (size_t i = 0; i < values.size(); ++i) {
    StrAppend(out, i == 0 ? "" : " ", FormatFloatG(values[i]));
  }
  out->push_back(']');
}

// The counts from the first bucket with observations to the last, those between them included.
// False where those are too many.
bool AppendBuckets(std::string_view offset_name, std::string_view name,
                   std::span<const BucketSpan> spans, std::span<const double> counts,
                   std::string* out) {
  std::vector<double> dense;
  int64_t first = 0;
  BucketReader reader(spans, counts);
  while (reader.Next()) {
    if (reader.count() == 0) continue;
    if (dense.empty()) first = reader.index();
    if (reader.index() - first > kMaxBuckets) return false;
    dense.resize(static_cast<size_t>(reader.index() - first));
    dense.push_back(reader.count());
  }
  if (dense.empty()) return true;
  if (first != 0) StrAppend(out, " ", offset_name, ":", first);
  AppendList(name, dense, out);
  return true;
}

std::string_view HintName(CounterResetHint hint) {
  switch (hint) {
    case CounterResetHint::kCounterReset:
      return "reset";
    case CounterResetHint::kNotCounterReset:
      return "not_reset";
    case CounterResetHint::kGauge:
      return "gauge";
    case CounterResetHint::kUnknown:
      break;
  }
  return "";
}

}  // namespace

std::string ToString(const HistogramView& histogram) {
  const auto count_text = [&](double count) {
    return histogram.is_float ? FormatFloatG(count) : FormatFloat(count);
  };
  std::string text =
      StrCat("{count:", count_text(histogram.count), ", sum:", FormatFloatG(histogram.sum));
  BucketIterator buckets(histogram, BucketIterator::Order::kAscending, /*cut=*/false);
  while (buckets.Next()) {
    if (buckets.count() == 0) continue;
    StrAppend(&text, ", ", IntervalOf(buckets.bucket()), ":", count_text(buckets.count()));
  }
  text.push_back('}');
  return text;
}

std::string ToNotation(const HistogramView& histogram) {
  const HistogramLayout& layout = *histogram.layout;
  std::string text;
  if (layout.schema != 0) StrAppend(&text, " schema:", layout.schema);
  AppendField("count", histogram.count, &text);
  AppendField("sum", histogram.sum, &text);
  AppendField("z_bucket", histogram.zero_count, &text);
  AppendField("z_bucket_w", layout.zero_threshold, &text);
  if (HasCustomBuckets(layout)) AppendList("custom_values", layout.custom_values, &text);
  const std::string_view hint = HintName(histogram.counter_reset_hint);
  if (!hint.empty()) StrAppend(&text, " counter_reset_hint:", hint);
  const bool written =
      AppendBuckets("offset", "buckets", layout.positive_spans, histogram.positive_counts, &text) &&
      AppendBuckets("n_offset", "n_buckets", layout.negative_spans, histogram.negative_counts,
                    &text);
  if (!written) return ToString(histogram);
  return StrCat("{{", text.empty() ? "" : text.substr(1), "}}");
}

}  // namespace tidemark::promql
