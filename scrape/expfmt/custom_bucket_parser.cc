#include "scrape/expfmt/custom_bucket_parser.h"

#include <utility>

#include "base/io/varint.h"
#include "base/labels/label_set.h"
#include "base/model/float_format.h"

namespace tidemark::scrape {
namespace {

// No series of a page begins with it.
constexpr char kKeyMark = '\x7f';
constexpr std::string_view kBound = "le";

}  // namespace

CustomBucketParser::CustomBucketParser(std::unique_ptr<ExpositionParser> page, bool keep_classic,
                                       bool gauges_too)
    : page_(std::move(page)), keep_classic_(keep_classic), gauges_too_(gauges_too) {}

bool CustomBucketParser::Next(ExpositionEntry& entry) {
  gave_converted_ = false;
  if (!status_.ok()) return false;
  while (holds_ || page_->Next(held_)) {
    holds_ = false;
    if (held_.kind == ExpositionEntry::Kind::kHistogram) has_native_ = true;
    part_ = Part::kNone;
    const bool may_be_part = held_.kind == ExpositionEntry::Kind::kSample && is_histogram_;
    if (may_be_part && !has_native_ && !ReadPart()) return false;
    const bool ends_current = part_ == Part::kNone || read_.key != current_.key;
    if (ends_current && Give(entry)) {
      holds_ = true;
      return true;
    }
    if (held_.kind == ExpositionEntry::Kind::kType) BeginFamily(held_);
    if (part_ != Part::kNone) AddPart(held_);
    if (part_ == Part::kNone || keep_classic_) {
      entry = std::move(held_);
      return true;
    }
  }
  return page_->status().ok() && Give(entry);
}

void CustomBucketParser::BeginFamily(const ExpositionEntry& type) {
  family_ = type.family;
  is_gauge_ = gauges_too_ && type.text == "gaugehistogram";
  is_histogram_ = is_gauge_ || type.text == "histogram";
  has_native_ = false;
}

CustomBucketParser::Part CustomBucketParser::PartOf(std::string_view name) const {
  if (!name.starts_with(family_)) return Part::kNone;
  const std::string_view suffix = name.substr(family_.size());
  if (suffix == "_bucket") return Part::kBucket;
  if (suffix == "_count") return Part::kCount;
  return suffix == "_sum" ? Part::kSum : Part::kNone;
}

bool CustomBucketParser::ReadPart() {
  status_ = page_->Labels(sample_labels_);
  if (!status_.ok()) return false;
  read_.key.assign(1, kKeyMark);
  read_.labels.clear();
  std::optional<double> bound;
  for (auto& [name, value] : sample_labels_) {
    if (name == kMetricName) {
      part_ = PartOf(value);
      value = family_;
    } else if (name == kBound) {
      bound = ParseFloat(value);
      continue;
    }
    AppendLengthPrefixed(name, &read_.key);
    AppendLengthPrefixed(value, &read_.key);
    read_.labels.emplace_back(name, value);
  }
  // A bucket without a bound, or a sum with one, is a series like any other.
  if ((part_ == Part::kBucket) != bound.has_value()) part_ = Part::kNone;
  bound_ = bound.value_or(0);
  return true;
}

void CustomBucketParser::AddPart(const ExpositionEntry& sample) {
  if (read_.key != current_.key) {
    std::swap(current_, read_);
    timestamp_ = sample.timestamp;
    created_ = sample.created;
    exemplars_.clear();
  }
  exemplars_.insert(exemplars_.end(), sample.exemplars.begin(), sample.exemplars.end());
  if (part_ == Part::kBucket) {
    buckets_.AddBucket(bound_, sample.value);
  } else if (part_ == Part::kCount) {
    buckets_.SetCount(sample.value);
  } else {
    buckets_.SetSum(sample.value);
  }
}

bool CustomBucketParser::Give(ExpositionEntry& entry) {
  if (current_.key.empty()) return false;
  auto converted =
      buckets_.Convert(is_gauge_ ? CounterResetHint::kGauge : CounterResetHint::kUnknown);
  buckets_.Clear();
  std::swap(given_, current_);
  current_.key.clear();
  if (!converted) return false;
  entry.kind = ExpositionEntry::Kind::kHistogram;
  entry.series = given_.key;
  entry.is_expected = false;
  entry.timestamp = timestamp_;
  entry.exemplars = exemplars_;
  entry.created = created_;
  entry.histogram = *std::move(converted);
  gave_converted_ = true;
  return true;
}

absl::Status CustomBucketParser::Labels(ExpositionLabels& labels) {
  if (!gave_converted_) return page_->Labels(labels);
  labels = given_.labels;
  return absl::OkStatus();
}

const absl::Status& CustomBucketParser::status() const {
  return status_.ok() ? page_->status() : status_;
}

}  // namespace tidemark::scrape
