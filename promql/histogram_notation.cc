#include "promql/histogram_notation.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/model/float_format.h"
#include "base/model/histogram_validation.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool ConsumePrefix(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view ConsumeUntil(std::string_view ends, std::string_view& text) {
  const size_t end = std::min(text.find_first_of(ends), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

void SkipSpace(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
}

absl::Status Bad(std::string_view name, std::string_view value) {
  return absl::InvalidArgumentError(StrCat("bad ", name, " in histogram: ", value));
}

absl::Status ReadInteger(std::string_view name, std::string_view value, int32_t& out) {
  const char* const end = value.data() + value.size();
  const auto [read, error] = std::from_chars(value.data(), end, out);
  return error == std::errc() && read == end ? absl::OkStatus() : Bad(name, value);
}

absl::Status ReadNumber(std::string_view name, std::string_view value, double& out) {
  const std::optional<double> number = ParseFloat(value);
  if (!number) return Bad(name, value);
  out = *number;
  return absl::OkStatus();
}

absl::Status ReadHint(std::string_view value, CounterResetHint& out) {
  if (value == "unknown") {
    out = CounterResetHint::kUnknown;
  } else if (value == "reset") {
    out = CounterResetHint::kCounterReset;
  } else if (value == "not_reset") {
    out = CounterResetHint::kNotCounterReset;
  } else if (value == "gauge") {
    out = CounterResetHint::kGauge;
  } else {
    return Bad("counter_reset_hint", value);
  }
  return absl::OkStatus();
}

// The fields of one histogram as they are read.
class Fields {
 public:
  // A field at the front of `text`, which loses it.
  absl::Status Consume(std::string_view& text) {
    const std::string_view name = ConsumeUntil(" \t\r\n:{}[]", text);
    if (!ConsumePrefix(":", text)) return Bad("field", StrCat(name, text));
    if (!seen_.insert(name).second) return Bad("field", StrCat(name, " is there twice"));
    if (text.starts_with('[')) return ConsumeList(name, text);
    return SetValue(name, ConsumeUntil(" \t\r\n{}[]", text));
  }

  NotedHistogram Build() && {
    HistogramLayout layout;
    layout.schema = schema_;
    layout.zero_threshold = zero_threshold_;
    layout.custom_values = std::move(custom_values_);
    layout.positive_spans = Spans("buckets", offset_, histogram_.positive_counts);
    layout.negative_spans = Spans("n_buckets", negative_offset_, histogram_.negative_counts);
    histogram_.layout = std::make_shared<const HistogramLayout>(std::move(layout));
    return {std::move(histogram_), seen_.contains("counter_reset_hint")};
  }

 private:
  std::vector<BucketSpan> Spans(std::string_view name, int32_t offset,
                                const std::vector<double>& counts) const {
    if (!seen_.contains(name)) return {};
    return {{offset, static_cast<uint32_t>(counts.size())}};
  }

  absl::Status SetValue(std::string_view name, std::string_view value) {
    if (name == "schema") return ReadInteger(name, value, schema_);
    if (name == "offset") return ReadInteger(name, value, offset_);
    if (name == "n_offset") return ReadInteger(name, value, negative_offset_);
    if (name == "counter_reset_hint") return ReadHint(value, histogram_.counter_reset_hint);
    if (name == "sum") return ReadNumber(name, value, histogram_.sum);
    if (name == "count") return ReadNumber(name, value, histogram_.count);
    if (name == "z_bucket") return ReadNumber(name, value, histogram_.zero_count);
    if (name == "z_bucket_w") return ReadNumber(name, value, zero_threshold_);
    return Bad("field", name);
  }

  absl::Status ConsumeList(std::string_view name, std::string_view& text) {
    std::vector<double>* const list = name == "buckets"         ? &histogram_.positive_counts
                                      : name == "n_buckets"     ? &histogram_.negative_counts
                                      : name == "custom_values" ? &custom_values_
                                                                : nullptr;
    if (list == nullptr) return Bad("field", name);
    text.remove_prefix(1);
    for (SkipSpace(text); !ConsumePrefix("]", text); SkipSpace(text)) {
      RETURN_IF_ERROR(ReadNumber(name, ConsumeUntil(" \t\r\n]", text), list->emplace_back()));
    }
    return absl::OkStatus();
  }

  FloatHistogramSample histogram_;
  int32_t schema_ = 0, offset_ = 0, negative_offset_ = 0;
  double zero_threshold_ = 0;
  std::vector<double> custom_values_;
  std::set<std::string_view> seen_;
};

// All but the counts, which in results may be negative.
absl::Status ValidateLayout(FloatHistogramSample histogram) {
  histogram.count = histogram.zero_count = 0;
  std::fill(histogram.positive_counts.begin(), histogram.positive_counts.end(), 0);
  std::fill(histogram.negative_counts.begin(), histogram.negative_counts.end(), 0);
  return ValidateHistogram(histogram);
}

}  // namespace

absl::StatusOr<NotedHistogram> ConsumeHistogram(std::string_view& text) {
  const std::string_view whole = text;
  if (!ConsumePrefix("{{", text)) return Bad("notation", whole);
  Fields fields;
  for (SkipSpace(text); !ConsumePrefix("}}", text); SkipSpace(text)) {
    RETURN_IF_ERROR(fields.Consume(text));
  }
  NotedHistogram noted = std::move(fields).Build();
  RETURN_IF_ERROR(ValidateLayout(noted.histogram));
  return noted;
}

}  // namespace tidemark::promql
