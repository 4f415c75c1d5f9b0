#include "scrape/openmetrics_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/openmetrics_parser.h"

namespace tidemark::scrape {
namespace {

constexpr size_t kMaxExemplarCodePoints = 128;
constexpr std::string_view kInfinity = "+Inf";  // and no other way to write it

// What a sample of a family is, by the end of its name.
struct SampleKind {
  std::string_view suffix;
  bool counts = false;  // never NaN or negative
  bool may_have_exemplar = false;
  std::string_view own_label = {};  // tells the samples of one metric apart
};

struct FamilyType {
  std::string_view name;
  std::span<const SampleKind> kinds;
  bool may_have_unit = true;
};

constexpr SampleKind kPlain[] = {{""}};
constexpr SampleKind kCounter[] = {{"_total", true, true}, {"_created"}};
constexpr SampleKind kSummary[] = {
    {"_count", true}, {"_sum", true}, {"_created"}, {"", false, false, "quantile"}};
constexpr SampleKind kHistogram[] = {
    {"_bucket", true, true, "le"}, {"_count", true}, {"_sum", true}, {"_created"}};
constexpr SampleKind kGaugeHistogram[] = {
    {"_bucket", true, true, "le"}, {"_gcount", true}, {"_gsum"}};
constexpr SampleKind kInfo[] = {{"_info"}};
constexpr FamilyType kTypes[] = {{"unknown", kPlain},       {"gauge", kPlain},
                                 {"counter", kCounter},     {"summary", kSummary},
                                 {"histogram", kHistogram}, {"gaugehistogram", kGaugeHistogram},
                                 {"info", kInfo, false},    {"stateset", kPlain, false}};

const FamilyType& TypeOf(std::string_view name) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const FamilyType& type) { return type.name == name; });
}

size_t NumCodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

std::string_view Find(const ExpositionLabels& labels, std::string_view name) {
  for (const auto& [label, value] : labels) {
    if (label == name) return value;
  }
  return "";
}

// What has been seen of one metric, whose samples stand together.
struct Metric {
  std::string labels;  // all but the one that tells its samples apart, sorted
  std::optional<TimestampMs> timestamp;
  StringSet series;  // at this timestamp
  std::optional<double> last_bound, last_bucket, infinity, count, gauge_count, gauge_sum;
  bool has_negative_bound = false, has_sum = false;
};

class Checker {
 public:
  explicit Checker(std::string_view page) : page_(page), parser_(page) {}

  absl::Status Check() {
    ExpositionEntry entry;
    while (parser_.Next(entry)) {
      const bool is_sample = entry.kind == ExpositionEntry::Kind::kSample;
      at_ = is_sample ? entry.series.data() : entry.family.data();
      RETURN_IF_ERROR(is_sample ? CheckSample(entry) : CheckFamilyLine(entry));
    }
    RETURN_IF_ERROR(parser_.status());
    return EndFamily();
  }

 private:
  absl::Status Fault(std::string_view reason) const {
    const auto line = 1 + std::count(page_.data(), at_, '\n');
    return absl::InvalidArgumentError(StrCat("line ", line, ": ", reason));
  }

  absl::Status CheckFamilyLine(const ExpositionEntry& entry) {
    if (entry.family != family_) RETURN_IF_ERROR(BeginFamily(entry.family));
    if (has_samples_) return Fault("HELP, TYPE and UNIT stand before the samples of their family");
    const auto kind = static_cast<size_t>(entry.kind);
    if (said_[kind]) return Fault("said of this family before");
    said_[kind] = true;
    if (entry.kind == ExpositionEntry::Kind::kType) type_ = &TypeOf(entry.text);
    has_unit_ |= entry.kind == ExpositionEntry::Kind::kUnit && !entry.text.empty();
    if (has_unit_ && !type_->may_have_unit) return Fault(StrCat(type_->name, " has no unit"));
    return absl::OkStatus();
  }

  absl::Status BeginFamily(std::string_view family) {
    RETURN_IF_ERROR(EndFamily());
    if (!families_.insert(std::string(family)).second) {
      return Fault(StrCat("family ", Quoted(family), " is in pieces, or there twice"));
    }
    if (sample_names_.contains(family)) {
      return Fault(StrCat("family ", Quoted(family), " has the name of a sample of another one"));
    }
    family_ = family;
    type_ = &kTypes[0];
    std::fill(std::begin(said_), std::end(said_), false);
    has_unit_ = has_samples_ = false;
    return absl::OkStatus();
  }

  absl::Status EndFamily() {
    RETURN_IF_ERROR(EndMetric());
    metrics_.clear();
    if (family_.empty()) return absl::OkStatus();
    for (const SampleKind& kind : type_->kinds) {
      const std::string name = StrCat(family_, kind.suffix);
      sample_names_.insert(name);
      if (!kind.suffix.empty() && families_.contains(name)) {
        return Fault(StrCat("samples of ", Quoted(family_), " have the name of another family"));
      }
    }
    return absl::OkStatus();
  }

  // Null where a sample of this name does not belong to the current family.
  const SampleKind* KindOf(std::string_view name) const {
    if (family_.empty() || !name.starts_with(family_)) return nullptr;
    for (const SampleKind& kind : type_->kinds) {
      if (name.substr(family_.size()) == kind.suffix) return &kind;
    }
    return nullptr;
  }

  // As they stand in the page, bounds too.
  absl::Status ReadLabels(std::string_view series) {
    LabelBlockError error;
    if (series.ends_with(",}")) return Fault("comma behind the last label");
    const bool ok = ReadLabelBlock(series, LabelSyntax::kOpenMetrics, labels_, &error);
    return ok ? absl::OkStatus() : Fault(error.reason);
  }

  absl::Status CheckSample(const ExpositionEntry& sample) {
    RETURN_IF_ERROR(ReadLabels(sample.series));
    const std::string& name = labels_.front().second;
    const SampleKind* kind = KindOf(name);
    if (kind == nullptr) {
      RETURN_IF_ERROR(BeginFamily(name));
      kind = &kPlain[0];
    }
    has_samples_ = true;
    if (kind->counts && !(sample.value >= 0)) return Fault("value is negative or NaN");
    RETURN_IF_ERROR(CheckValueOfType(sample.value, *kind));
    RETURN_IF_ERROR(CheckMetric(sample, *kind));
    RETURN_IF_ERROR(CheckPart(sample.value, *kind));
    if (sample.exemplars.empty()) return absl::OkStatus();
    return CheckExemplar(sample.exemplars.front(), *kind);
  }

  absl::Status CheckValueOfType(double value, const SampleKind& kind) const {
    if (type_->name == "info" && value != 1) return Fault("the value of an info is 1");
    if (type_->name == "stateset") {
      if (value != 0 && value != 1) return Fault("the value of a state is 0 or 1");
      if (Find(labels_, family_).empty()) return Fault("the label of the state is missing");
    }
    if (kind.own_label == "quantile") {
      const std::optional<double> quantile = ParseFloat(Find(labels_, kind.own_label));
      if (!quantile || !(*quantile >= 0 && *quantile <= 1)) return Fault("quantile not in 0 to 1");
      if (value < 0) return Fault("value of a quantile is negative");
    }
    return absl::OkStatus();
  }

  absl::Status CheckExemplar(const ExpositionExemplar& exemplar, const SampleKind& kind) {
    if (!kind.may_have_exemplar) return Fault("such a sample has no exemplar");
    const std::string series = StrCat("exemplar", exemplar.labels);
    RETURN_IF_ERROR(ReadLabels(series));
    size_t length = 0;
    for (size_t i = 1; i < labels_.size(); ++i) {
      length += NumCodePoints(labels_[i].first) + NumCodePoints(labels_[i].second);
    }
    if (length > kMaxExemplarCodePoints) return Fault("exemplar has over 128 characters of labels");
    return absl::OkStatus();
  }

  // That the samples of a metric stand together and in the order of their timestamps.
  absl::Status CheckMetric(const ExpositionEntry& sample, const SampleKind& kind) {
    const std::string_view own = type_->name == "stateset" ? family_ : kind.own_label;
    LabelSetBuilder builder;
    for (size_t i = 1; i < labels_.size(); ++i) {
      if (labels_[i].first != own) builder.Set(labels_[i].first, labels_[i].second);
    }
    std::string key = builder.Build().ToString();
    if (!metric_ || metric_->labels != key) {
      RETURN_IF_ERROR(EndMetric());
      if (!metrics_.insert(key).second) return Fault("samples of a metric are apart");
      metric_ = Metric();
      metric_->labels = std::move(key);
    } else {
      if (metric_->timestamp.has_value() != sample.timestamp.has_value()) {
        return Fault("samples of a metric with a timestamp and without one");
      }
      if (metric_->timestamp > sample.timestamp) return Fault("timestamps go backwards");
      if (metric_->timestamp != sample.timestamp) {
        RETURN_IF_ERROR(CheckComplete());
        Metric next;
        next.labels = std::move(metric_->labels);
        metric_ = std::move(next);
      }
    }
    metric_->timestamp = sample.timestamp;
    repeated_ = !metric_->series.insert(std::string(sample.series)).second;
    if (repeated_ && !sample.timestamp) return Fault("series is there twice");
    return absl::OkStatus();
  }

  // Takes a sample of a histogram into the picture.
  absl::Status CheckPart(double value, const SampleKind& kind) {
    if (repeated_) return absl::OkStatus();  // its timestamp differs by less than a millisecond
    if (kind.own_label == "le") return CheckBucket(value);
    metric_->has_sum |= kind.suffix == "_sum" && type_->name == "histogram";
    if (type_->name == "histogram" && kind.suffix == "_count") metric_->count = value;
    if (kind.suffix == "_gcount") metric_->gauge_count = value;
    if (kind.suffix == "_gsum") metric_->gauge_sum = value;
    return absl::OkStatus();
  }

  absl::Status CheckBucket(double value) {
    const std::string_view text = Find(labels_, "le");
    const std::optional<double> bound = ParseFloat(text);
    if (!bound || std::isnan(*bound)) return Fault("bucket without a bound");
    if (metric_->last_bound >= bound) return Fault("buckets not in order");
    if (metric_->last_bucket > value) return Fault("buckets are not cumulative");
    metric_->last_bound = bound;
    metric_->last_bucket = value;
    metric_->has_negative_bound |= *bound < 0;
    if (text == kInfinity) metric_->infinity = value;
    return absl::OkStatus();
  }

  absl::Status EndMetric() {
    if (!metric_) return absl::OkStatus();
    RETURN_IF_ERROR(CheckComplete());
    metric_.reset();
    return absl::OkStatus();
  }

  absl::Status CheckComplete() const {
    const bool is_gauge = type_->name == "gaugehistogram";
    if (!is_gauge && type_->name != "histogram") return absl::OkStatus();
    if (!metric_->infinity) return Fault("histogram without a bucket of le=\"+Inf\"");
    const std::optional<double> count = is_gauge ? metric_->gauge_count : metric_->count;
    if (count && count != metric_->infinity) return Fault("count and the +Inf bucket differ");
    if (metric_->has_sum && metric_->has_negative_bound) {
      return Fault("histogram with negative buckets has no sum");
    }
    if (metric_->gauge_count.has_value() != metric_->gauge_sum.has_value()) {
      return Fault("gauge histogram with only one of _gcount and _gsum");
    }
    if (metric_->gauge_sum && !metric_->has_negative_bound && !(*metric_->gauge_sum >= 0)) {
      return Fault("sum is negative or NaN without negative buckets");
    }
    return absl::OkStatus();
  }

  const std::string_view page_;
  OpenMetricsParser parser_;
  const char* at_ = nullptr;  // in the line being looked at
  ExpositionLabels labels_;   // of its sample

  StringSet families_, sample_names_;  // of all families so far
  // The current family.
  std::string family_;
  const FamilyType* type_ = &kTypes[0];
  bool said_[static_cast<size_t>(ExpositionEntry::Kind::kUnit) + 1] = {};
  bool has_unit_ = false, has_samples_ = false;
  StringSet metrics_;
  std::optional<Metric> metric_;
  bool repeated_ = false;  // the series of the sample is there before at its timestamp
};

}  // namespace

absl::Status CheckOpenMetrics(std::string_view page) { return Checker(page).Check(); }

}  // namespace tidemark::scrape
