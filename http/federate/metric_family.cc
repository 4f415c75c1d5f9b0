#include "http/federate/metric_family.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "base/io/protobuf_fields.h"
#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/model/histogram_buckets.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

struct ClassicBucket {
  double upper_bound, cumulative_count;
};

// The buckets of a histogram with custom bounds, but for that up to +Inf.
std::vector<ClassicBucket> ClassicBucketsOf(const FloatHistogramSample& histogram) {
  std::vector<ClassicBucket> buckets;
  BucketReader reader(histogram.layout->positive_spans, histogram.positive_counts);
  bool more = reader.Next();
  double cumulative = 0;
  for (size_t i = 0; i < histogram.layout->custom_values.size(); ++i) {
    for (; more && reader.index() <= static_cast<int64_t>(i); more = reader.Next()) {
      cumulative += reader.count();
    }
    buckets.push_back({histogram.layout->custom_values[i], cumulative});
  }
  return buckets;
}

// --- text

void AppendText(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '\n') {
      out->append("\\n");
      continue;
    }
    if (c == '\\' || c == '"') out->push_back('\\');
    out->push_back(c);
  }
}

void AppendName(std::string_view name, std::string* out) {
  if (IsLegacyMetricName(name)) {
    out->append(name);
    return;
  }
  out->push_back('"');
  AppendText(name, out);
  out->push_back('"');
}

// One without a sign where it is zero.
std::string FloatText(double value) { return value == 0 ? "0" : FormatFloatG(value); }

class TextFamily {
 public:
  TextFamily(const MetricFamily& family, NameEscaping escaping, std::string* page)
      : family_(family), escaping_(escaping), page_(*page) {}

  void Append() {
    name_ = EscapeName(family_.name, escaping_);
    page_ += "# TYPE ";
    AppendName(name_, &page_);
    page_ += family_.type == MetricFamily::Type::kUntyped ? " untyped\n" : " histogram\n";
    for (const Metric& metric : family_.metrics) {
      if (metric.histogram != nullptr) {
        AppendHistogram(metric);
      } else {
        AppendLine("", metric, "", metric.value);
      }
    }
  }

 private:
  void AppendHistogram(const Metric& metric) {
    bool ends_at_infinity = false;
    for (const ClassicBucket& bucket : ClassicBucketsOf(*metric.histogram)) {
      AppendLine("_bucket", metric, FloatText(bucket.upper_bound), bucket.cumulative_count);
      ends_at_infinity = bucket.upper_bound == std::numeric_limits<double>::infinity();
    }
    if (!ends_at_infinity) AppendLine("_bucket", metric, "+Inf", metric.histogram->count);
    AppendLine("_sum", metric, "", metric.histogram->sum);
    AppendLine("_count", metric, "", metric.histogram->count);
  }

  void AppendLine(std::string_view suffix, const Metric& metric, std::string_view bound,
                  double value) {
    const std::string name = StrCat(name_, suffix);
    std::string_view separator = "{";
    const auto separate = [&] {
      page_ += separator;
      separator = ",";
    };
    if (!IsLegacyMetricName(name)) separate();
    AppendName(name, &page_);
    for (const auto& [label, text] : metric.labels) {
      separate();
      AppendLabel(EscapeName(label, escaping_), text);
    }
    if (!bound.empty()) {
      separate();
      AppendLabel("le", bound);
    }
    if (separator == ",") page_ += '}';
    StrAppend(&page_, " ", FloatText(value), " ", metric.timestamp, "\n");
  }

  void AppendLabel(std::string_view name, std::string_view value) {
    AppendName(name, &page_);
    page_ += "=\"";
    AppendText(value, &page_);
    page_ += '"';
  }

  const MetricFamily& family_;
  const NameEscaping escaping_;
  std::string& page_;
  std::string name_;
};

// --- protobuf

// Fields of the messages.
constexpr uint32_t kFamilyName = 1, kFamilyType = 3, kFamilyMetric = 4;
constexpr uint32_t kMetricLabel = 1, kMetricUntyped = 5, kMetricTimestamp = 6, kMetricHistogram = 7;
constexpr uint32_t kPairName = 1, kPairValue = 2;
constexpr uint32_t kUntypedValue = 1;
constexpr uint32_t kSum = 2, kBucket = 3, kCount = 4, kSchema = 5, kZeroThreshold = 6,
                   kZeroCount = 8, kNegativeSpan = 9, kNegativeCount = 11, kPositiveSpan = 12,
                   kPositiveCount = 14;
constexpr uint32_t kBucketBound = 2, kBucketCount = 4;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

uint64_t TypeNumber(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::kHistogram:
      return 4;
    case MetricFamily::Type::kGaugeHistogram:
      return 5;
    case MetricFamily::Type::kUntyped:
      break;
  }
  return 3;
}

void AppendBuckets(uint32_t span_field, std::span<const BucketSpan> spans, uint32_t count_field,
                   std::span<const double> counts, std::string* out) {
  for (const BucketSpan& span : spans) {
    std::string message;
    AppendVarintField(kSpanOffset, ZigZag(span.offset), &message);
    AppendVarintField(kSpanLength, span.length, &message);
    AppendBytesField(span_field, message, out);
  }
  for (const double count : counts) AppendDoubleField(count_field, count, out);
}

std::string HistogramMessage(const FloatHistogramSample& histogram) {
  const HistogramLayout& layout = *histogram.layout;
  std::string message;
  AppendDoubleField(kSum, histogram.sum, &message);
  if (layout.schema == kCustomBucketsSchema) {
    for (const ClassicBucket& bucket : ClassicBucketsOf(histogram)) {
      std::string bucket_message;
      AppendDoubleField(kBucketBound, bucket.upper_bound, &bucket_message);
      AppendDoubleField(kBucketCount, bucket.cumulative_count, &bucket_message);
      AppendBytesField(kBucket, bucket_message, &message);
    }
    AppendDoubleField(kCount, histogram.count, &message);
    return message;
  }
  AppendDoubleField(kCount, histogram.count, &message);
  AppendVarintField(kSchema, ZigZag(layout.schema), &message);
  AppendDoubleField(kZeroThreshold, layout.zero_threshold, &message);
  AppendDoubleField(kZeroCount, histogram.zero_count, &message);
  AppendBuckets(kNegativeSpan, layout.negative_spans, kNegativeCount, histogram.negative_counts,
                &message);
  AppendBuckets(kPositiveSpan, layout.positive_spans, kPositiveCount, histogram.positive_counts,
                &message);
  return message;
}

std::string MetricMessage(const Metric& metric, NameEscaping escaping) {
  std::string message;
  for (const auto& [name, value] : metric.labels) {
    std::string pair;
    AppendBytesField(kPairName, EscapeName(name, escaping), &pair);
    AppendBytesField(kPairValue, value, &pair);
    AppendBytesField(kMetricLabel, pair, &message);
  }
  if (metric.histogram == nullptr) {
    std::string untyped;
    AppendDoubleField(kUntypedValue, metric.value, &untyped);
    AppendBytesField(kMetricUntyped, untyped, &message);
  }
  AppendVarintField(kMetricTimestamp, static_cast<uint64_t>(metric.timestamp), &message);
  if (metric.histogram != nullptr) {
    AppendBytesField(kMetricHistogram, HistogramMessage(*metric.histogram), &message);
  }
  return message;
}

void AppendProtobuf(const MetricFamily& family, NameEscaping escaping, std::string* page) {
  std::string message;
  AppendBytesField(kFamilyName, EscapeName(family.name, escaping), &message);
  AppendVarintField(kFamilyType, TypeNumber(family.type), &message);
  for (const Metric& metric : family.metrics) {
    AppendBytesField(kFamilyMetric, MetricMessage(metric, escaping), &message);
  }
  AppendLengthPrefixed(message, page);
}

}  // namespace

bool CanExpose(const FloatHistogramSample& histogram, ExpositionFormat::Type type) {
  return type == ExpositionFormat::Type::kProtobuf ||
         histogram.layout->schema == kCustomBucketsSchema;
}

void AppendFamily(const MetricFamily& family, const ExpositionFormat& format, std::string* page) {
  if (format.type == ExpositionFormat::Type::kProtobuf) {
    AppendProtobuf(family, format.escaping, page);
  } else {
    TextFamily(family, format.escaping, page).Append();
  }
}

}  // namespace tidemark::http
