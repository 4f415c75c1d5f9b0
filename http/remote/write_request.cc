#include "http/remote/write_request.h"

#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/sample_message.h"
#include "http/remote/written_labels.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// Fields of the messages.
constexpr uint32_t kRequestSeries = 1, kRequestMetadata = 3;
constexpr uint32_t kSeriesLabel = 1, kSeriesSample = 2, kSeriesExemplar = 3, kSeriesHistogram = 4;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;
constexpr uint32_t kExemplarLabel = 1, kExemplarValue = 2, kExemplarTimestamp = 3;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }
pbf_reader ReaderOf(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

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

LabelView ReadLabel(pbf_reader reader) {
  LabelView label;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case BytesTag(kLabelName):
        label.name = ToView(reader.get_view());
        break;
      case BytesTag(kLabelValue):
        label.value = ToView(reader.get_view());
        break;
      default:
        SkipUnknown(reader, kLabelValue);
    }
  }
  return label;
}

Exemplar ReadExemplar(pbf_reader reader) {
  Exemplar exemplar;
  LabelSetBuilder labels;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case BytesTag(kExemplarLabel): {
        const LabelView label = ReadLabel(reader.get_message());
        labels.Set(label.name, label.value);
        break;
      }
      case Fixed64Tag(kExemplarValue):
        exemplar.value = reader.get_double();
        break;
      case VarintTag(kExemplarTimestamp):
        exemplar.timestamp = reader.get_int64();
        break;
      default:
        SkipUnknown(reader, kExemplarTimestamp);
    }
  }
  exemplar.labels = labels.Build();
  return exemplar;
}

absl::Status ReadSeries(pbf_reader reader, std::string& scratch, HistogramReader& histograms,
                        WrittenSeries& series) {
  series.samples.clear();
  series.histograms.clear();
  series.exemplars.clear();
  LabelFields labels(scratch);
  for (const char* begin = reader.data().data(); reader.next(); begin = reader.data().data()) {
    switch (reader.tag_and_type()) {
      case BytesTag(kSeriesLabel):
        reader.skip();
        labels.Add(begin, reader.data().data());
        break;
      case BytesTag(kSeriesSample):
        RETURN_IF_ERROR(ReadSample(ToView(reader.get_view()), &series.samples.emplace_back()));
        break;
      case BytesTag(kSeriesExemplar):
        series.exemplars.push_back(ReadExemplar(reader.get_message()));
        break;
      case BytesTag(kSeriesHistogram):
        RETURN_IF_ERROR(
            histograms.Read(ToView(reader.get_view()), &series.histograms.emplace_back()));
        break;
      default:
        SkipUnknown(reader, kSeriesHistogram);
    }
  }
  series.raw_labels = labels.fields();
  return absl::OkStatus();
}

absl::StatusOr<LabelSet> ReadLabels(std::string_view raw_labels) {
  std::vector<LabelView> labels;
  pbf_reader reader = ReaderOf(raw_labels);
  while (reader.next(kSeriesLabel, pbf_wire_type::length_delimited)) {
    labels.push_back(ReadLabel(reader.get_message()));
  }
  return CheckedLabels(std::move(labels));
}

absl::Status BadMessage(std::string_view error) {
  return absl::InvalidArgumentError(StrCat("bad prometheus.WriteRequest: ", error));
}

}  // namespace

class WriteRequestReader::Impl {
 public:
  explicit Impl(std::string_view message) : reader_(ReaderOf(message)) {}

  absl::StatusOr<bool> Next(WrittenSeries& series) {
    while (reader_.next()) {
      if (reader_.tag_and_type() == BytesTag(kRequestSeries)) {
        RETURN_IF_ERROR(ReadSeries(reader_.get_message(), scratch_, histograms_, series));
        return true;
      }
      if (reader_.tag_and_type() == BytesTag(kRequestMetadata)) ++num_metadata_;
      SkipUnknown(reader_, kRequestSeries);
    }
    return false;
  }
  size_t num_metadata() const { return num_metadata_; }

 private:
  pbf_reader reader_;
  std::string scratch_;
  HistogramReader histograms_;
  size_t num_metadata_ = 0;
};

WriteRequestReader::WriteRequestReader(std::string_view message)
    : impl_(std::make_unique<Impl>(message)) {}
WriteRequestReader::~WriteRequestReader() = default;

size_t WriteRequestReader::num_metadata() const { return impl_->num_metadata(); }

absl::StatusOr<bool> WriteRequestReader::Next(WrittenSeries& series) {
  try {
    return impl_->Next(series);
  } catch (const protozero::exception& e) {
    return BadMessage(e.what());
  }
}

absl::StatusOr<std::optional<LabelSet>> ParseRawLabels(std::string_view raw_labels) {
  try {
    absl::StatusOr<LabelSet> labels = ReadLabels(raw_labels);
    if (!labels.ok()) return std::nullopt;
    return *std::move(labels);
  } catch (const protozero::exception& e) {
    return BadMessage(e.what());
  }
}

}  // namespace tidemark::http
