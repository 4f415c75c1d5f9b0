#include "base/model/histogram_validation.h"

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include "absl/strings/str_format.h"

#include "base/model/float_format.h"
#include "base/model/histogram_bounds.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(StrCat(parts...));
}

std::string CountText(uint64_t count) { return StrCat(count); }
std::string CountText(double count) { return FormatFloatG(count); }

absl::Status CheckSpans(std::span<const BucketSpan> spans, size_t num_counts, bool custom) {
  int64_t end = 0;
  uint64_t num_buckets = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].offset < 0 && (i > 0 || custom)) {
      return Invalid("span number ", i + 1, " with offset ", spans[i].offset,
                     ": histogram has a span whose offset is negative");
    }
    end += spans[i].offset;
    end += spans[i].length;
    num_buckets += spans[i].length;
    if (end > std::numeric_limits<int32_t>::max()) {
      return Invalid("span number ", i + 1, " ends with bucket ", end, ", beyond 32 bits");
    }
  }
  if (num_buckets == num_counts) return absl::OkStatus();
  return Invalid("spans need ", num_buckets, " buckets, have ", num_counts,
                 " buckets: histogram spans specify different number of buckets than provided");
}

absl::Status CheckBounds(const std::vector<double>& bounds) {
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (std::isnan(bounds[i])) return Invalid("histogram custom bounds must not be NaN");
    if (i > 0 && bounds[i] <= bounds[i - 1]) {
      return Invalid(
          absl::StrFormat("previous bound is %f and current is %f", bounds[i - 1], bounds[i]),
          ": histogram custom bounds must be in strictly increasing order");
    }
  }
  if (!bounds.empty() && std::isinf(bounds.back()) && bounds.back() > 0) {
    return Invalid(
        "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite");
  }
  return absl::OkStatus();
}

absl::Status CheckCustomBuckets(const HistogramLayout& layout, size_t num_counts) {
  RETURN_IF_ERROR(CheckBounds(layout.custom_values));
  RETURN_IF_ERROR(CheckSpans(layout.positive_spans, num_counts, /*custom=*/true));
  int64_t end = 0;
  for (const BucketSpan& span : layout.positive_spans) end += int64_t{span.offset} + span.length;
  if (end <= static_cast<int64_t>(layout.custom_values.size()) + 1) return absl::OkStatus();
  return Invalid("only ", layout.custom_values.size(),
                 " custom bounds defined which is insufficient to cover total span length of ", end,
                 ": histogram custom bounds are too few");
}

template <typename Count>
absl::Status CheckCustom(const BasicHistogramSample<Count>& h) {
  const absl::Status buckets = CheckCustomBuckets(*h.layout, h.positive_counts.size());
  if (!buckets.ok()) return Invalid("custom buckets: ", buckets.message());
  if (h.zero_count != 0) return Invalid("custom buckets: must have zero count of 0");
  if (h.layout->zero_threshold != 0) {
    return Invalid("custom buckets: must have zero threshold of 0");
  }
  if (!h.layout->negative_spans.empty()) {
    return Invalid("custom buckets: must not have negative spans");
  }
  if (!h.negative_counts.empty()) return Invalid("custom buckets: must not have negative buckets");
  return absl::OkStatus();
}

template <typename Count>
absl::Status CheckCounts(const std::vector<Count>& counts, std::string_view side) {
  if constexpr (std::is_same_v<Count, double>) {
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] < 0) {
        return Invalid(side, "bucket number ", i + 1, " has observation count of ",
                       CountText(counts[i]),
                       ": histogram has a bucket whose observation count is negative");
      }
    }
  }
  return absl::OkStatus();
}

constexpr std::string_view kPositiveSide = "positive side: ", kNegativeSide = "negative side: ";

template <typename Count>
absl::Status CheckExponential(const BasicHistogramSample<Count>& h) {
  const HistogramLayout& layout = *h.layout;
  absl::Status spans = CheckSpans(layout.positive_spans, h.positive_counts.size(), false);
  if (!spans.ok()) return Invalid(kPositiveSide, spans.message());
  spans = CheckSpans(layout.negative_spans, h.negative_counts.size(), false);
  if (!spans.ok()) return Invalid(kNegativeSide, spans.message());
  RETURN_IF_ERROR(CheckCounts(h.negative_counts, kNegativeSide));
  if (h.zero_count < 0) {
    return Invalid("zero bucket has observation count of ", CountText(h.zero_count),
                   ": histogram has a bucket whose observation count is negative");
  }
  if (!layout.custom_values.empty()) {
    return Invalid("histogram with exponential schema must not have custom bounds");
  }
  if (layout.zero_threshold >= 0 && std::isfinite(layout.zero_threshold)) return absl::OkStatus();
  return Invalid("histogram has a zero threshold of ", FormatFloatG(layout.zero_threshold),
                 ", which must be finite and not negative");
}

// `sum` grows by the counts; false where that is beyond 64 bits.
bool AddUp(const std::vector<uint64_t>& counts, uint64_t& sum) {
  bool fits = true;
  for (const uint64_t count : counts) fits &= !__builtin_add_overflow(sum, count, &sum);
  return fits;
}

absl::Status CheckTotal(const HistogramSample& h) {
  uint64_t in_buckets = h.zero_count;
  if (!AddUp(h.positive_counts, in_buckets) || !AddUp(h.negative_counts, in_buckets)) {
    return Invalid("histogram has more observations in its buckets than 64 bits can count");
  }
  const auto found = StrCat(in_buckets, " observations found in buckets, but the Count field is ",
                            h.count, ": histogram's observation count should ");
  if (std::isnan(h.sum) && in_buckets > h.count) {
    return Invalid(found, "be at least the number of observations found in the buckets");
  }
  if (!std::isnan(h.sum) && in_buckets != h.count) {
    return Invalid(found,
                   "equal the number of observations found in the buckets (in absence of NaN)");
  }
  return absl::OkStatus();
}

absl::Status CheckTotal(const FloatHistogramSample& h) {
  if (!(h.count < 0)) return absl::OkStatus();
  return Invalid("observation count is ", CountText(h.count),
                 ": histogram's observation count is negative");
}

template <typename Count>
absl::Status Validate(const BasicHistogramSample<Count>& h) {
  if (h.layout == nullptr) return Invalid("histogram without a layout");
  const int32_t schema = h.layout->schema;
  if (HasCustomBuckets(*h.layout)) {
    RETURN_IF_ERROR(CheckCustom(h));
  } else if (IsExponentialSchema(schema)) {
    RETURN_IF_ERROR(CheckExponential(h));
  } else {
    return Invalid("histogram has an invalid schema, which must be between ", kMinExponentialSchema,
                   " and ", kMaxExponentialSchema, " for exponential buckets, or ",
                   kCustomBucketsSchema, " for custom buckets, got schema ", schema);
  }
  RETURN_IF_ERROR(CheckCounts(h.positive_counts, kPositiveSide));
  return CheckTotal(h);
}

}  // namespace

absl::Status ValidateHistogram(const HistogramSample& histogram) { return Validate(histogram); }
absl::Status ValidateHistogram(const FloatHistogramSample& histogram) {
  return Validate(histogram);
}

}  // namespace tidemark
