#include "scrape/expfmt/protobuf_parser.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/io/varint.h"
#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/metric_histogram.h"
#include "scrape/expfmt/protobuf_time.h"

namespace tidemark::scrape {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kFamilyName = 1, kFamilyHelp = 2, kFamilyType = 3, kFamilyMetric = 4,
                   kFamilyUnit = 5;
constexpr uint32_t kMetricLabel = 1, kMetricGauge = 2, kMetricCounter = 3, kMetricSummary = 4,
                   kMetricUntyped = 5, kMetricTimestamp = 6, kMetricHistogram = 7;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;
constexpr uint32_t kValue = 1;  // of a gauge, a counter, an untyped metric
constexpr uint32_t kCounterExemplar = 2, kCounterCreated = 3;
constexpr uint32_t kExemplarLabel = 1, kExemplarValue = 2, kExemplarTime = 3;
constexpr uint32_t kSummaryCount = 1, kSummarySum = 2, kSummaryQuantile = 3, kSummaryCreated = 4;
constexpr uint32_t kQuantile = 1, kQuantileValue = 2;

enum class MetricType : uint8_t {
  kCounter,
  kGauge,
  kSummary,
  kUntyped,
  kHistogram,
  kGaugeHistogram
};
constexpr std::string_view kTypeNames[] = {"counter", "gauge",     "summary",
                                           "untyped", "histogram", "gaugehistogram"};

// Which of the series of a metric a sample belongs to.
enum class Part : uint8_t { kItself, kNative, kCount, kSum, kBucket, kQuantile };

struct PartSample {
  Part part = Part::kItself;
  double bound = 0;  // of a bucket, or the quantile
  double value = 0;
  std::string_view exemplar = {};  // the message; data() is null where there is none
};

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }
pbf_reader ReaderOf(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

// Of a gauge or an untyped metric.
PartSample ReadValue(pbf_reader reader) {
  PartSample sample;
  while (reader.next()) {
    if (reader.tag_and_type() == Fixed64Tag(kValue)) {
      sample.value = reader.get_double();
    } else {
      SkipUnknown(reader, kValue);
    }
  }
  return sample;
}

PartSample ReadCounter(pbf_reader reader, std::optional<TimestampMs>* created) {
  PartSample sample;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case Fixed64Tag(kValue):
        sample.value = reader.get_double();
        break;
      case BytesTag(kCounterExemplar):
        sample.exemplar = ToView(reader.get_view());
        break;
      case BytesTag(kCounterCreated):
        *created = ReadProtobufTime(ToView(reader.get_view()));
        break;
      default:
        SkipUnknown(reader, kCounterCreated);
    }
  }
  return sample;
}

PartSample ReadQuantile(pbf_reader reader) {
  PartSample sample{Part::kQuantile, 0, 0};
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case Fixed64Tag(kQuantile):
        sample.bound = reader.get_double();
        break;
      case Fixed64Tag(kQuantileValue):
        sample.value = reader.get_double();
        break;
      default:
        SkipUnknown(reader, kQuantileValue);
    }
  }
  return sample;
}

// Count, sum, quantiles.
void ReadSummary(pbf_reader reader, std::vector<PartSample>& samples,
                 std::optional<TimestampMs>* created) {
  const size_t first = samples.size();
  samples.push_back({Part::kCount, 0, 0});
  samples.push_back({Part::kSum, 0, 0});
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kSummaryCount):
        samples[first].value = static_cast<double>(reader.get_uint64());
        break;
      case Fixed64Tag(kSummarySum):
        samples[first + 1].value = reader.get_double();
        break;
      case BytesTag(kSummaryQuantile):
        samples.push_back(ReadQuantile(reader.get_message()));
        break;
      case BytesTag(kSummaryCreated):
        *created = ReadProtobufTime(ToView(reader.get_view()));
        break;
      default:
        SkipUnknown(reader, kSummaryQuantile);
    }
  }
}

void AddClassic(const MetricHistogram& histogram, std::vector<PartSample>& samples) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  samples.push_back({Part::kCount, 0, histogram.count()});
  samples.push_back({Part::kSum, 0, histogram.sum()});
  for (const MetricHistogram::Bucket& bucket : histogram.buckets()) {
    samples.push_back(
        {Part::kBucket, bucket.upper_bound, bucket.cumulative_count, bucket.exemplar});
  }
  const auto& buckets = histogram.buckets();
  if (buckets.empty() || buckets.back().upper_bound != kInfinity) {
    samples.push_back({Part::kBucket, kInfinity, histogram.count()});
  }
}

std::pair<std::string_view, std::string_view> ReadLabel(pbf_reader reader) {
  std::pair<std::string_view, std::string_view> label;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case BytesTag(kLabelName):
        label.first = ToView(reader.get_view());
        break;
      case BytesTag(kLabelValue):
        label.second = ToView(reader.get_view());
        break;
      default:
        SkipUnknown(reader, kLabelValue);
    }
  }
  return label;
}

// Without its labels, which stay in the message.
ExpositionExemplar ReadExemplar(std::string_view message) {
  ExpositionExemplar exemplar;
  exemplar.labels = message;
  for (pbf_reader reader = ReaderOf(message); reader.next();) {
    switch (reader.tag_and_type()) {
      case BytesTag(kExemplarLabel):
        reader.skip();
        break;
      case Fixed64Tag(kExemplarValue):
        exemplar.value = reader.get_double();
        break;
      case BytesTag(kExemplarTime):
        exemplar.timestamp = ReadProtobufTime(ToView(reader.get_view()));
        break;
      default:
        SkipUnknown(reader, kExemplarTime);
    }
  }
  return exemplar;
}

// Those of a native histogram, else those of its classic buckets; without a time they say nothing.
void ReadExemplars(const MetricHistogram& histogram, std::vector<ExpositionExemplar>& out) {
  const auto add = [&out](std::string_view message) {
    if (message.data() == nullptr) return;
    const ExpositionExemplar exemplar = ReadExemplar(message);
    if (exemplar.timestamp) out.push_back(exemplar);
  };
  for (const std::string_view message : histogram.exemplars()) add(message);
  if (!histogram.exemplars().empty()) return;
  for (const MetricHistogram::Bucket& bucket : histogram.buckets()) add(bucket.exemplar);
}

bool NamesAreUnique(const ExpositionLabels& labels) {
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const auto& label : labels) names.push_back(label.first);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

std::string_view Suffix(Part part) {
  switch (part) {
    case Part::kCount:
      return "_count";
    case Part::kSum:
      return "_sum";
    case Part::kBucket:
      return "_bucket";
    case Part::kItself:
    case Part::kNative:
    case Part::kQuantile:
      break;
  }
  return "";
}

}  // namespace

// The bytes that name a series, made for each metric once and adapted for each of its samples:
//   1  Part
//   8  the bits of the bound
//   v  length of the name, the name
//   the label fields of the metric as they stand in the page
class ProtobufParser::Impl {
 public:
  Impl(std::string_view page, HistogramChoice choice) : page_(page), choice_(choice) {}

  // Throws where the page is damaged.
  bool Next(ExpositionEntry& entry) {
    while (status_.ok()) {
      if (next_sample_ < samples_.size()) return GiveSample(entry);
      if (next_about_ != About::kNothing) {
        if (GiveAbout(entry)) return true;
      } else if (family_.next()) {
        ReadFamilyField();
      } else {
        if (page_.empty()) return false;
        BeginFamily();
      }
    }
    return false;
  }

  // Throws where the page is damaged.
  absl::Status Labels(ExpositionLabels& labels) const {
    labels.clear();
    labels.emplace_back(kMetricName, StrCat(name_, Suffix(last_.part)));
    for (pbf_reader reader = ReaderOf(std::string_view(key_).substr(labels_begin_));
         reader.next();) {
      const auto [name, value] = ReadLabel(reader.get_message());
      if (name.empty()) return Error("empty label name");
      if (!IsValidUtf8(name) || !IsValidUtf8(value)) return Error("invalid UTF-8 in a label");
      labels.emplace_back(name, value);
    }
    if (last_.part == Part::kBucket) labels.emplace_back("le", FormatBound(last_.bound));
    if (last_.part == Part::kQuantile) labels.emplace_back("quantile", FormatBound(last_.bound));
    return NamesAreUnique(labels) ? absl::OkStatus() : Error("label name is not unique");
  }

  // Throws where it is damaged.
  static LabelSet ExemplarLabels(std::string_view message) {
    LabelSetBuilder labels;
    for (pbf_reader reader = ReaderOf(message); reader.next();) {
      if (reader.tag_and_type() == BytesTag(kExemplarLabel)) {
        const auto [name, value] = ReadLabel(reader.get_message());
        labels.Set(name, value);
      } else {
        reader.skip();
      }
    }
    return labels.Build();
  }

  bool Fail(std::string_view reason) {
    status_ = Error(reason);
    return false;
  }
  const absl::Status& status() const { return status_; }

 private:
  // What is told of a family before its samples.
  enum class About : uint8_t { kHelp, kType, kUnit, kNothing };

  absl::Status Error(std::string_view reason) const {
    return absl::InvalidArgumentError(
        StrCat("metric family ", num_families_, " (", Quoted(name_), "): ", reason));
  }

  void BeginFamily() {
    ++num_families_;
    name_ = help_ = unit_ = {};
    type_ = MetricType::kCounter;
    const std::optional<std::string_view> message = ConsumeLengthPrefixed(page_);
    if (!message) {
      Fail("the page ends within it");
      return;
    }
    for (pbf_reader reader = ReaderOf(*message); reader.next();) {
      switch (reader.tag_and_type()) {
        case BytesTag(kFamilyName):
          name_ = ToView(reader.get_view());
          break;
        case BytesTag(kFamilyHelp):
          help_ = ToView(reader.get_view());
          break;
        case VarintTag(kFamilyType):
          if (!ReadType(reader.get_enum())) return;
          break;
        case BytesTag(kFamilyUnit):
          unit_ = ToView(reader.get_view());
          break;
        case BytesTag(kFamilyMetric):
          reader.skip();
          break;
        default:
          SkipUnknown(reader, kFamilyUnit);
      }
    }
    if (name_.empty() || !IsValidUtf8(name_)) {
      Fail("invalid metric name");
      return;
    }
    if (!IsValidUtf8(help_) || !IsValidUtf8(unit_)) {
      Fail(IsValidUtf8(unit_) ? "help text is not valid UTF-8" : "unit is not valid UTF-8");
      return;
    }
    family_ = ReaderOf(*message);
    next_about_ = About::kHelp;
    key_.assign(1 + sizeof(double), '\0');
    AppendLengthPrefixed(name_, &key_);
    labels_begin_ = key_.size();
  }

  bool ReadType(int32_t type) {
    if (type < 0 || type >= static_cast<int32_t>(std::size(kTypeNames))) {
      return Fail(StrCat("unknown metric type ", type));
    }
    type_ = static_cast<MetricType>(type);
    return true;
  }

  // False where nothing is said of it.
  bool GiveAbout(ExpositionEntry& entry) {
    entry.family = name_;
    entry.escaped = {};
    switch (next_about_) {
      case About::kHelp:
        next_about_ = About::kType;
        entry.kind = ExpositionEntry::Kind::kHelp;
        entry.text = help_;
        break;
      case About::kType:
        next_about_ = About::kUnit;
        entry.kind = ExpositionEntry::Kind::kType;
        entry.text = kTypeNames[static_cast<size_t>(type_)];
        break;
      case About::kUnit:
      case About::kNothing:
        next_about_ = About::kNothing;
        entry.kind = ExpositionEntry::Kind::kUnit;
        entry.text = unit_;
        break;
    }
    return !entry.text.empty();
  }

  void ReadFamilyField() {
    if (family_.tag() == kFamilyMetric) {
      ReadMetric(family_.get_message());
    } else {
      family_.skip();
    }
  }

  void ReadMetric(pbf_reader reader) {
    samples_.clear();
    next_sample_ = 0;
    key_.resize(labels_begin_);
    timestamp_.reset();
    created_.reset();
    bool has_value = false;
    for (const char* begin = reader.data().data(); reader.next(); begin = reader.data().data()) {
      switch (reader.tag_and_type()) {
        case BytesTag(kMetricLabel):
          reader.skip();
          key_.append(begin, reader.data().data());
          break;
        case VarintTag(kMetricTimestamp):
          if (const int64_t time = reader.get_int64(); time != 0) timestamp_ = time;
          break;
        case BytesTag(kMetricGauge):
        case BytesTag(kMetricCounter):
        case BytesTag(kMetricSummary):
        case BytesTag(kMetricUntyped):
        case BytesTag(kMetricHistogram):
          has_value |= ReadValueOf(reader);
          break;
        default:
          SkipUnknown(reader, kMetricHistogram);
      }
      if (!status_.ok()) return;
    }
    if (!has_value) Fail(StrCat("a metric has no ", kTypeNames[static_cast<size_t>(type_)]));
  }

  // False where the value is not of the kind that the family says.
  bool ReadValueOf(pbf_reader& reader) {
    constexpr uint32_t kFieldOfType[] = {kMetricCounter, kMetricGauge,     kMetricSummary,
                                         kMetricUntyped, kMetricHistogram, kMetricHistogram};
    if (reader.tag() != kFieldOfType[static_cast<size_t>(type_)]) {
      reader.skip();
      return false;
    }
    samples_.clear();  // the last one counts
    if (type_ == MetricType::kSummary) {
      ReadSummary(reader.get_message(), samples_, &created_);
    } else if (reader.tag() == kMetricHistogram) {
      ReadHistogram(ToView(reader.get_view()));
    } else {
      samples_.push_back(type_ == MetricType::kCounter
                             ? ReadCounter(reader.get_message(), &created_)
                             : ReadValue(reader.get_message()));
    }
    return true;
  }

  void ReadHistogram(std::string_view message) {
    if (const absl::Status status = histogram_.Read(message); !status.ok()) {
      Fail(ToStd(status.message()));
      return;
    }
    created_ = histogram_.created();
    const bool native = choice_.native && histogram_.is_native();
    if (native) samples_.push_back({Part::kNative, 0, 0});
    const bool has_buckets = !histogram_.buckets().empty();
    if (!native || (choice_.always_classic && has_buckets)) AddClassic(histogram_, samples_);
  }

  bool GiveSample(ExpositionEntry& entry) {
    last_ = samples_[next_sample_++];
    entry.kind = ExpositionEntry::Kind::kSample;
    if (last_.part == Part::kNative) {
      entry.kind = ExpositionEntry::Kind::kHistogram;
      const absl::Status status =
          histogram_.MakeNative(type_ == MetricType::kGaugeHistogram, &entry.histogram);
      if (!status.ok()) return Fail(ToStd(status.message()));
    }
    key_[0] = static_cast<char>(last_.part);
    std::memcpy(&key_[1], &last_.bound, sizeof last_.bound);
    entry.series = key_;
    entry.timestamp = timestamp_;
    entry.exemplars.clear();
    if (last_.part == Part::kNative) {
      ReadExemplars(histogram_, entry.exemplars);
    } else if (last_.exemplar.data() != nullptr) {
      entry.exemplars.push_back(ReadExemplar(last_.exemplar));
    }
    entry.created = created_;
    entry.value = std::isnan(last_.value) ? NormalNan() : last_.value;
    return true;
  }

  std::string_view page_;  // what is not read yet
  const HistogramChoice choice_;
  absl::Status status_;

  // The family being read.
  size_t num_families_ = 0;
  std::string_view name_, help_, unit_;
  MetricType type_ = MetricType::kCounter;
  About next_about_ = About::kNothing;
  pbf_reader family_;

  // The metric being read.
  MetricHistogram histogram_;
  std::vector<PartSample> samples_;
  size_t next_sample_ = 0;
  std::optional<TimestampMs> timestamp_, created_;
  std::string key_;
  size_t labels_begin_ = 0;  // in key_
  PartSample last_;          // given last
};

ProtobufParser::ProtobufParser(std::string_view page, HistogramChoice choice)
    : impl_(std::make_unique<Impl>(page, choice)) {}
ProtobufParser::~ProtobufParser() = default;

bool ProtobufParser::Next(ExpositionEntry& entry) {
  try {
    return impl_->Next(entry);
  } catch (const protozero::exception& e) {
    return impl_->Fail(e.what());
  }
}

absl::Status ProtobufParser::Labels(ExpositionLabels& labels) {
  try {
    return impl_->Labels(labels);
  } catch (const protozero::exception& e) {
    impl_->Fail(e.what());
    return impl_->status();
  }
}

absl::StatusOr<LabelSet> ProtobufParser::ExemplarLabels(const ExpositionExemplar& exemplar) {
  try {
    return Impl::ExemplarLabels(exemplar.labels);
  } catch (const protozero::exception& e) {
    impl_->Fail(e.what());
    return impl_->status();
  }
}

const absl::Status& ProtobufParser::status() const { return impl_->status(); }

}  // namespace tidemark::scrape
