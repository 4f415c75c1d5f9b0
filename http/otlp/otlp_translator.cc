#include "http/otlp/otlp_translator.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include "base/model/float_format.h"
#include "base/model/histogram_resolution.h"
#include "base/model/histogram_validation.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/otlp/otlp_names.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kServiceName = "service.name", kServiceNamespace = "service.namespace",
                           kServiceInstance = "service.instance.id";
// Samples of target_info that one request may make of one resource.
constexpr int64_t kMaxTargetInfo = 1000;
// Of histograms that give none.
constexpr double kZeroThreshold = 1e-128;
// Fewer empty buckets are kept between two others.
constexpr size_t kMaxGap = 2;

std::string_view Find(const OtlpAttributes& attributes, std::string_view key) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const OtlpAttribute& a) { return a.key == key; });
  return found == attributes.end() ? std::string_view() : std::string_view(found->value);
}

bool IsIdentifying(std::string_view key) {
  return key == kServiceName || key == kServiceNamespace || key == kServiceInstance;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Where several attributes get one name their values stand behind each other, by key.
void AddAttributes(OtlpAttributes attributes, const OtlpOptions& options, LabelSetBuilder* labels) {
  std::stable_sort(attributes.begin(), attributes.end(),
                   [](const OtlpAttribute& a, const OtlpAttribute& b) { return a.key < b.key; });
  for (const OtlpAttribute& attribute : attributes) {
    const std::string name = OtlpLabelName(attribute.key, options);
    if (name.empty()) continue;
    const std::string_view there = labels->Get(name);
    labels->Set(name, there.empty() ? attribute.value : StrCat(there, ";", attribute.value));
  }
}

void AddWhereAbsent(std::string_view name, std::string_view value, LabelSetBuilder* labels) {
  if (labels->Get(name).empty()) labels->Set(name, value);
}

// Of a bucket's bound or a quantile: never with an exponent.
std::string InDigits(double value) {
  if (!std::isfinite(value)) return FormatFloat(value);
  std::array<char, 400> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  return std::string(digits.data(), end.ptr);
}

TimestampMs ToMs(uint64_t nanoseconds) { return static_cast<TimestampMs>(nanoseconds / 1'000'000); }

// Adds buckets of one sign, the first of which has the number `first`, without long runs of empty
// ones. False where a number is beyond 32 bits.
bool AddBuckets(int64_t first, std::span<const uint64_t> counts, std::vector<BucketSpan>* spans,
                std::vector<uint64_t>* out) {
  int64_t next = 0;  // after the last bucket of `spans`
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const int64_t number = first + static_cast<int64_t>(i);
    const int64_t gap = number - next;
    if (spans->empty() || gap > static_cast<int64_t>(kMaxGap)) {
      if (gap < INT32_MIN || gap > INT32_MAX || number > INT32_MAX) return false;
      spans->push_back({static_cast<int32_t>(gap), 0});
    } else {
      out->resize(out->size() + static_cast<size_t>(gap));
      spans->back().length += static_cast<uint32_t>(gap);
    }
    out->push_back(counts[i]);
    ++spans->back().length;
    next = number + 1;
  }
  return true;
}

}  // namespace

void OtlpTranslator::LeaveOut(std::string_view why) {
  if (num_left_out_++ == 0) first_error_ = why;
}

void OtlpTranslator::BeginResource(const OtlpAttributes& attributes) {
  resource_ = attributes;
  promoted_.clear();
  identity_.clear();
  oldest_ = kMaxTimestamp;
  newest_ = kMinTimestamp;
  const OtlpOptions& options = target_.options;
  for (const OtlpAttribute& attribute : resource_) {
    const bool promoted = options.promote_all_attributes
                              ? !Contains(options.ignored_attributes, attribute.key)
                              : Contains(options.promoted_attributes, attribute.key);
    if (promoted) promoted_.emplace_back(OtlpLabelName(attribute.key, options), attribute.value);
  }
  const std::string_view name = Find(resource_, kServiceName);
  const std::string_view name_space = Find(resource_, kServiceNamespace);
  const std::string_view instance = Find(resource_, kServiceInstance);
  if (!name.empty()) {
    identity_.emplace_back("job", name_space.empty() ? name : StrCat(name_space, "/", name));
  }
  if (!instance.empty()) identity_.emplace_back("instance", instance);
}

void OtlpTranslator::BeginScope(const OtlpScope& scope) {
  scope_labels_.clear();
  if (!target_.options.promote_scope || scope.name.empty()) return;
  for (const OtlpAttribute& attribute : scope.attributes) {
    scope_labels_.emplace_back(OtlpLabelName(StrCat("otel_scope_", attribute.key), target_.options),
                               attribute.value);
  }
  scope_labels_.emplace_back("otel_scope_name", scope.name);
  scope_labels_.emplace_back("otel_scope_version", scope.version);
  scope_labels_.emplace_back("otel_scope_schema_url", scope.schema_url);
}

bool OtlpTranslator::BeginMetric(const OtlpMetric& metric) {
  metric_ = metric;
  if (metric.kind == OtlpKind::kNone) return false;
  const bool has_temporality = metric.kind != OtlpKind::kGauge && metric.kind != OtlpKind::kSummary;
  const bool allowed = metric.temporality == OtlpTemporality::kCumulative ||
                       (IsDelta() && target_.deltas != OtlpDeltas::kRefuse);
  if (has_temporality && !allowed) {
    LeaveOut(StrCat("invalid temporality and type combination for metric \"", metric.name, "\""));
    return false;
  }
  metric_name_ = OtlpMetricName(metric, target_.options.names);
  if (!metric_name_.empty()) return true;
  LeaveOut(StrCat("no name is left of that of metric \"", metric.name, "\""));
  return false;
}

void OtlpTranslator::SetBaseLabels(const OtlpAttributes& attributes) {
  builder_.Reset();
  AddAttributes(attributes, target_.options, &builder_);
  for (const auto& [name, value] : promoted_) AddWhereAbsent(name, value, &builder_);
  for (const auto& [name, value] : scope_labels_) builder_.Set(name, value);
  for (const auto& [name, value] : identity_) builder_.Set(name, value);
  for (const LabelView& label : target_.external_labels) {
    AddWhereAbsent(label.name, label.value, &builder_);
  }
}

LabelSet OtlpTranslator::LabelsOf(std::string_view suffix, const Extra* extra) {
  builder_.Set(kMetricName, StrCat(metric_name_, suffix));
  if (extra == nullptr) return builder_.Build();
  const std::string own(builder_.Get(extra->name));
  builder_.Set(extra->name, extra->value);
  LabelSet labels = builder_.Build();
  builder_.Set(extra->name, own);
  return labels;
}

bool OtlpTranslator::CheckText(const LabelSet& labels) {
  for (const LabelView& label : labels) {
    if (IsValidUtf8(label.name) && IsValidUtf8(label.value)) continue;
    LeaveOut("a label is not UTF-8");
    return false;
  }
  return true;
}

void OtlpTranslator::BeginPoint(const OtlpPoint& point) {
  SetBaseLabels(point.attributes);
  oldest_ = std::min(oldest_, ToMs(point.time));
  newest_ = std::max(newest_, ToMs(point.time));
}

absl::Status OtlpTranslator::Append(const LabelSet& labels, TimestampMs time, double value) {
  ASSIGN_OR_RETURN(const SeriesRef series, target_.appender.GetOrCreate(labels));
  target_.appender.Append(series, time, value);
  return absl::OkStatus();
}

absl::Status OtlpTranslator::AddFloat(const OtlpPoint& point, std::string_view suffix, double value,
                                      bool is_counter, const Extra* extra) {
  const LabelSet labels = LabelsOf(suffix, extra);
  if (!CheckText(labels)) return absl::OkStatus();
  if (point.no_recorded_value) {
    value = StaleMarker();
  } else if (is_counter && IsDelta() && target_.deltas == OtlpDeltas::kAccumulate) {
    const std::optional<double> sum = target_.sums->Add(labels, point.time, value);
    if (!sum) {
      LeaveOut(StrCat("a delta of metric \"", metric_.name, "\" is not newer than the one before"));
      return absl::OkStatus();
    }
    value = *sum;
  }
  return Append(labels, ToMs(point.time), value);
}

absl::Status OtlpTranslator::Visit(const OtlpNumber& point) {
  BeginPoint(point);
  return AddFloat(point, "", point.value, metric_.kind == OtlpKind::kSum);
}

absl::Status OtlpTranslator::Visit(const OtlpSummary& point) {
  BeginPoint(point);
  RETURN_IF_ERROR(AddFloat(point, "_sum", point.sum, false));
  RETURN_IF_ERROR(AddFloat(point, "_count", static_cast<double>(point.count), false));
  for (const auto& [quantile, value] : point.quantiles) {
    const std::string text = InDigits(quantile);
    const Extra extra = {"quantile", text};
    RETURN_IF_ERROR(AddFloat(point, "", value, false, &extra));
  }
  return absl::OkStatus();
}

absl::Status OtlpTranslator::Visit(const OtlpHistogram& point) {
  BeginPoint(point);
  if (target_.options.histograms_to_nhcb) return AddCustomBuckets(point);
  if (point.sum) RETURN_IF_ERROR(AddFloat(point, "_sum", *point.sum, true));
  const auto count = static_cast<double>(point.count);
  RETURN_IF_ERROR(AddFloat(point, "_count", count, true));
  uint64_t below = 0;
  for (size_t i = 0; i < std::min(point.bounds.size(), point.counts.size()); ++i) {
    below += point.counts[i];
    const std::string bound = InDigits(point.bounds[i]);
    const Extra extra = {"le", bound};
    RETURN_IF_ERROR(AddFloat(point, "_bucket", static_cast<double>(below), true, &extra));
  }
  const Extra extra = {"le", "+Inf"};
  return AddFloat(point, "_bucket", count, true, &extra);
}

absl::Status OtlpTranslator::AddCustomBuckets(const OtlpHistogram& point) {
  HistogramSample histogram;
  HistogramLayout layout;
  layout.schema = kCustomBucketsSchema;
  layout.custom_values = point.bounds;
  histogram.count = point.count;
  histogram.sum = point.sum.value_or(0);
  AddBuckets(0, point.counts, &layout.positive_spans, &histogram.positive_counts);
  histogram.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  return AddHistogram(point, std::move(histogram));
}

absl::Status OtlpTranslator::Visit(const OtlpExponentialHistogram& point) {
  BeginPoint(point);
  if (point.scale < kMinExponentialSchema) {
    LeaveOut(StrCat("cannot convert exponential to native histogram. Scale must be >= -4, was ",
                    point.scale));
    return absl::OkStatus();
  }
  HistogramSample histogram;
  HistogramLayout layout;
  layout.schema = point.scale;
  layout.zero_threshold = point.zero_threshold == 0 ? kZeroThreshold : point.zero_threshold;
  histogram.count = point.count;
  histogram.zero_count = point.zero_count;
  histogram.sum = point.sum.value_or(0);
  // OTLP numbers a bucket by its lower bound, a native histogram by its upper one.
  const auto add = [](const OtlpExponentialHistogram::Buckets& buckets, auto* spans, auto* counts) {
    return AddBuckets(int64_t{buckets.offset} + 1, buckets.counts, spans, counts);
  };
  if (!add(point.positive, &layout.positive_spans, &histogram.positive_counts) ||
      !add(point.negative, &layout.negative_spans, &histogram.negative_counts)) {
    LeaveOut(StrCat("a bucket of metric \"", metric_.name, "\" is out of range"));
    return absl::OkStatus();
  }
  histogram.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  return AddHistogram(point, std::move(histogram));
}

absl::Status OtlpTranslator::AddHistogram(const OtlpPoint& point, HistogramSample histogram) {
  if (IsDelta() && target_.deltas == OtlpDeltas::kAccumulate) {
    LeaveOut(StrCat("native histograms that are differences are not added up: metric \"",
                    metric_.name, "\""));
    return absl::OkStatus();
  }
  if (IsDelta()) histogram.counter_reset_hint = CounterResetHint::kGauge;
  absl::Status status = ReduceToKnownSchema(histogram);
  if (status.ok()) status = ValidateHistogram(histogram);
  if (!status.ok()) {
    LeaveOut(ToStd(status.message()));
    return absl::OkStatus();
  }
  if (point.no_recorded_value) histogram.sum = StaleMarker();
  const LabelSet labels = LabelsOf("");
  if (!CheckText(labels)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const SeriesRef series, target_.appender.GetOrCreate(labels));
  target_.appender.Append(series, ToMs(point.time), std::move(histogram));
  return absl::OkStatus();
}

absl::Status OtlpTranslator::EndResource() {
  const bool only_identifies =
      std::all_of(resource_.begin(), resource_.end(),
                  [](const OtlpAttribute& attribute) { return IsIdentifying(attribute.key); });
  if (oldest_ > newest_ || identity_.empty() || only_identifies) return absl::OkStatus();
  OtlpAttributes attributes;
  for (const OtlpAttribute& attribute : resource_) {
    if (target_.options.keep_identifying_attributes || !IsIdentifying(attribute.key)) {
      attributes.push_back(attribute);
    }
  }
  promoted_.clear();
  scope_labels_.clear();
  metric_name_ = "target_info";
  SetBaseLabels(attributes);
  const LabelSet labels = LabelsOf("");
  if (!CheckText(labels)) return absl::OkStatus();
  const DurationMs interval = std::max<DurationMs>(target_.lookback_delta / 2, 1);
  for (TimestampMs t = std::max(oldest_, newest_ - kMaxTargetInfo * interval); t < newest_;
       t += interval) {
    RETURN_IF_ERROR(Append(labels, t, 1));
  }
  return Append(labels, newest_, 1);
}

}  // namespace tidemark::http
