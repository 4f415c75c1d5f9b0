#include "http/remote/write_request.h"

#include <algorithm>
#include <string>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "base/strings.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr uint32_t Bytes(uint32_t field) {
  return protozero::tag_and_type(field, pbf_wire_type::length_delimited);
}
constexpr uint32_t Varint(uint32_t field) {
  return protozero::tag_and_type(field, pbf_wire_type::varint);
}
constexpr uint32_t Fixed64(uint32_t field) {
  return protozero::tag_and_type(field, pbf_wire_type::fixed64);
}

// Fields of the messages.
constexpr uint32_t kRequestSeries = 1;
constexpr uint32_t kSeriesLabel = 1, kSeriesSample = 2, kSeriesExemplar = 3, kSeriesHistogram = 4;
constexpr uint32_t kSampleValue = 1, kSampleTimestamp = 2;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }
pbf_reader ReaderOf(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

// Passes over a field that is not known. One with the number of a known field is of the wrong type,
// as the right one was taken care of.
void Skip(pbf_reader& reader, uint32_t largest_known_field) {
  if (reader.tag() <= largest_known_field) throw protozero::unknown_pbf_wire_type_exception();
  reader.skip();
}

Sample ReadSample(pbf_reader reader) {
  Sample sample;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case Fixed64(kSampleValue):
        sample.value = reader.get_double();
        break;
      case Varint(kSampleTimestamp):
        sample.timestamp = reader.get_int64();
        break;
      default:
        Skip(reader, kSampleTimestamp);
    }
  }
  return sample;
}

// Collects the fields of labels: a view as long as they stand side by side, as every sender puts
// them, a copy where something stands between them.
class LabelFields {
 public:
  explicit LabelFields(std::string& scratch) : scratch_(scratch) {}

  void Add(const char* begin, const char* end) {
    const std::string_view field(begin, static_cast<size_t>(end - begin));
    if (fields_.empty()) {
      fields_ = field;
    } else if (!copied_ && fields_.data() + fields_.size() == begin) {
      fields_ = {fields_.data(), fields_.size() + field.size()};
    } else {
      if (!copied_) scratch_.assign(fields_);
      copied_ = true;
      fields_ = scratch_.append(field);
    }
  }
  std::string_view fields() const { return fields_; }

 private:
  std::string& scratch_;
  bool copied_ = false;  // fields_ is scratch_
  std::string_view fields_;
};

void ReadSeries(pbf_reader reader, std::string& scratch, WrittenSeries& series) {
  series.samples.clear();
  series.num_histograms = series.num_exemplars = 0;
  LabelFields labels(scratch);
  for (const char* begin = reader.data().data(); reader.next(); begin = reader.data().data()) {
    switch (reader.tag_and_type()) {
      case Bytes(kSeriesLabel):
        reader.skip();
        labels.Add(begin, reader.data().data());
        break;
      case Bytes(kSeriesSample):
        series.samples.push_back(ReadSample(reader.get_message()));
        break;
      case Bytes(kSeriesExemplar):
        reader.skip();
        ++series.num_exemplars;
        break;
      case Bytes(kSeriesHistogram):
        reader.skip();
        ++series.num_histograms;
        break;
      default:
        Skip(reader, kSeriesHistogram);
    }
  }
  series.raw_labels = labels.fields();
}

LabelView ReadLabel(pbf_reader reader) {
  LabelView label;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case Bytes(kLabelName):
        label.name = ToView(reader.get_view());
        break;
      case Bytes(kLabelValue):
        label.value = ToView(reader.get_view());
        break;
      default:
        Skip(reader, kLabelValue);
    }
  }
  return label;
}

std::optional<LabelSet> ReadLabels(std::string_view raw_labels) {
  std::vector<LabelView> fields;
  pbf_reader reader = ReaderOf(raw_labels);
  while (reader.next(kSeriesLabel, pbf_wire_type::length_delimited)) {
    const LabelView label = ReadLabel(reader.get_message());
    if (label.name.empty() || !IsValidUtf8(label.name) || !IsValidUtf8(label.value)) {
      return std::nullopt;
    }
    fields.push_back(label);
  }
  // Sorted first: the builder moves what stands behind a name that comes between.
  std::sort(fields.begin(), fields.end(),
            [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  const auto same_name = [](const LabelView& a, const LabelView& b) { return a.name == b.name; };
  if (std::adjacent_find(fields.begin(), fields.end(), same_name) != fields.end()) {
    return std::nullopt;
  }
  LabelSetBuilder builder;
  for (const LabelView& label : fields) builder.Set(label.name, label.value);
  LabelSet labels = builder.Build();
  if (!labels.Has(kMetricName)) return std::nullopt;
  return labels;
}

absl::Status BadMessage(const protozero::exception& error) {
  return absl::InvalidArgumentError(
      StrCat("bad prometheus.WriteRequest: ", std::string_view(error.what())));
}

}  // namespace

class WriteRequestReader::Impl {
 public:
  explicit Impl(std::string_view message) : reader_(ReaderOf(message)) {}

  bool Next(WrittenSeries& series) {
    while (reader_.next()) {
      if (reader_.tag_and_type() == Bytes(kRequestSeries)) {
        ReadSeries(reader_.get_message(), scratch_, series);
        return true;
      }
      Skip(reader_, kRequestSeries);
    }
    return false;
  }

 private:
  pbf_reader reader_;
  std::string scratch_;
};

WriteRequestReader::WriteRequestReader(std::string_view message)
    : impl_(std::make_unique<Impl>(message)) {}
WriteRequestReader::~WriteRequestReader() = default;

absl::StatusOr<bool> WriteRequestReader::Next(WrittenSeries& series) {
  try {
    return impl_->Next(series);
  } catch (const protozero::exception& e) {
    return BadMessage(e);
  }
}

absl::StatusOr<std::optional<LabelSet>> ParseRawLabels(std::string_view raw_labels) {
  try {
    return ReadLabels(raw_labels);
  } catch (const protozero::exception& e) {
    return BadMessage(e);
  }
}

}  // namespace tidemark::http
