#include "remote/write/write_encoder.h"

#include <bit>
#include <cstring>

#include "base/io/protobuf_fields.h"
#include "base/strings.h"
#include "remote/write/family_lookup.h"

namespace tidemark::remote {
namespace {

// Fields of the messages.
constexpr uint32_t kSampleValue = 1, kSampleTimestamp = 2;
constexpr uint32_t kLabelName = 1, kLabelValue = 2;
namespace v1 {
constexpr uint32_t kRequestSeries = 1, kSeriesLabel = 1, kSeriesSample = 2, kSeriesHistogram = 4;
}
namespace v2 {
constexpr uint32_t kRequestSymbol = 4, kRequestSeries = 5;
constexpr uint32_t kSeriesLabelRefs = 1, kSeriesSample = 2, kSeriesHistogram = 3,
                   kSeriesMetadata = 5;
constexpr uint32_t kMetadataType = 1, kMetadataHelpRef = 3, kMetadataUnitRef = 4;
}  // namespace v2

static_assert(std::endian::native == std::endian::little, "values are copied as they are");

size_t VarintBytes(uint64_t value) { return (std::bit_width(value | 1) + 6) / 7; }
size_t LengthPrefixedBytes(size_t size) { return 1 + VarintBytes(size) + size; }

// Writes into space that was made before, so that no sample grows a string.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }
  void Bytes(const void* bytes, size_t size) {
    std::memcpy(at_, bytes, size);
    at_ += size;
  }
  // The tag and length of a field whose tag is one byte.
  void Field(uint32_t field, size_t size) {
    *at_++ = static_cast<char>(BytesTag(field));
    Varint(size);
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

// `prometheus.Sample`, which is that of 2.0 too.
size_t SampleBytes(const OutgoingSample& s) {
  return 1 + sizeof(double) + 1 + VarintBytes(static_cast<uint64_t>(s.timestamp));
}
void WriteSample(const OutgoingSample& s, Writer& w) {
  w.Varint(Fixed64Tag(kSampleValue));
  w.Bytes(&s.value, sizeof(double));
  w.Varint(VarintTag(kSampleTimestamp));
  w.Varint(static_cast<uint64_t>(s.timestamp));
}

// The field of a series that holds the sample, be it a histogram.
size_t ValueBytes(const OutgoingSample& s) {
  return LengthPrefixedBytes(s.histogram_size > 0 ? s.histogram_size : SampleBytes(s));
}
void WriteValue(const OutgoingSample& s, std::string_view histograms, uint32_t sample_field,
                uint32_t histogram_field, Writer& w) {
  if (s.histogram_size > 0) {
    w.Field(histogram_field, s.histogram_size);
    w.Bytes(histograms.data() + s.histogram_begin, s.histogram_size);
  } else {
    w.Field(sample_field, SampleBytes(s));
    WriteSample(s, w);
  }
}

// Writes `head` and the series of all samples; `labels_of` gives the labels of the i-th, as its
// fields. What `out` held is written over, so that its memory is not cleared each time.
template <typename LabelsOf>
void EncodeSeries(std::string_view head, std::span<const OutgoingSample> samples,
                  std::string_view histograms, uint32_t series_field, uint32_t sample_field,
                  uint32_t histogram_field, const LabelsOf& labels_of, EncodedRequest* out) {
  size_t size = out->head = head.size();
  for (size_t i = 0; i < samples.size(); ++i) {
    size += LengthPrefixedBytes(labels_of(i).size() + ValueBytes(samples[i]));
  }
  out->bytes.resize(size);
  out->ends.clear();
  Writer w(out->bytes.data());
  w.Bytes(head.data(), head.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const OutgoingSample& s = samples[i];
    const std::string_view labels = labels_of(i);
    w.Field(series_field, labels.size() + ValueBytes(s));
    w.Bytes(labels.data(), labels.size());
    WriteValue(s, histograms, sample_field, histogram_field, w);
    out->ends.push_back(static_cast<uint32_t>(w.at() - out->bytes.data()));
  }
}

class EncoderV1 : public WriteEncoder {
 public:
  uint32_t AddSeries(const LabelSet& labels, const FamilyMetadata*) override {
    std::string& fields = series_.emplace_back();
    std::string label_message;
    for (const LabelView& label : labels) {
      label_message.clear();
      AppendVarint(BytesTag(kLabelName), &label_message);
      AppendLengthPrefixed(label.name, &label_message);
      AppendVarint(BytesTag(kLabelValue), &label_message);
      AppendLengthPrefixed(label.value, &label_message);
      AppendVarint(BytesTag(v1::kSeriesLabel), &fields);
      AppendLengthPrefixed(label_message, &fields);
    }
    fields.shrink_to_fit();
    return static_cast<uint32_t>(series_.size() - 1);
  }
  size_t num_series() const override { return series_.size(); }
  void Clear() override { series_.clear(); }

  void Encode(std::span<const OutgoingSample> samples, std::string_view histograms,
              EncodedRequest* out) override {
    EncodeSeries(
        "", samples, histograms, v1::kRequestSeries, v1::kSeriesSample, v1::kSeriesHistogram,
        [&](size_t i) -> std::string_view { return series_[samples[i].series]; }, out);
  }

 private:
  std::vector<std::string> series_;  // their labels, as fields of a series
};

// Strings have numbers of the encoder, and in each request numbers of the request: a table leads
// from the ones to the others, so that nothing is hashed for a sample.
class EncoderV2 : public WriteEncoder {
 public:
  uint32_t AddSeries(const LabelSet& labels, const FamilyMetadata* metadata) override {
    for (const LabelView& label : labels) {
      symbols_of_series_.push_back(SymbolOf(label.name));
      symbols_of_series_.push_back(SymbolOf(label.value));
    }
    series_end_.push_back(symbols_of_series_.size());
    metadata_of_series_.push_back(metadata != nullptr ? Remember(*metadata) : Metadata());
    return static_cast<uint32_t>(series_end_.size() - 1);
  }
  size_t num_series() const override { return series_end_.size(); }
  void Clear() override {
    symbols_.clear();
    number_of_symbol_.clear();
    places_.clear();
    symbols_of_series_.clear();
    series_end_.clear();
    metadata_of_series_.clear();
  }

  void Encode(std::span<const OutgoingSample> samples, std::string_view histograms,
              EncodedRequest* out) override {
    BeginRequest();
    head_.clear();
    refs_.clear();
    refs_end_.clear();
    for (const OutgoingSample& s : samples) AppendRefs(s.series);
    const auto labels_of = [&](size_t i) {
      const size_t begin = i == 0 ? 0 : refs_end_[i - 1];
      return std::string_view(refs_).substr(begin, refs_end_[i] - begin);
    };
    EncodeSeries(head_, samples, histograms, v2::kRequestSeries, v2::kSeriesSample,
                 v2::kSeriesHistogram, labels_of, out);
  }

 private:
  struct Place {
    uint32_t request = 0;  // the request in which the symbol was given its place
    uint32_t place = 0;    // in the table of that request
  };

  // Of a series: its type, and symbols.
  struct Metadata {
    bool is_known = false;
    uint32_t type = 0, help = 0, unit = 0;
  };
  Metadata Remember(const FamilyMetadata& metadata) {
    return {true, MetadataTypeNumber(metadata.type), SymbolOf(metadata.help),
            SymbolOf(metadata.unit)};
  }

  uint32_t SymbolOf(std::string_view text) {
    const auto it = number_of_symbol_.find(text);
    if (it != number_of_symbol_.end()) return it->second;
    const auto number = static_cast<uint32_t>(symbols_.size());
    symbols_.emplace_back(text);
    places_.emplace_back();
    number_of_symbol_.emplace(std::string(text), number);
    return number;
  }

  void BeginRequest() {
    if (++request_ == 0) {  // after 2^32 requests
      places_.assign(places_.size(), Place());
      request_ = 1;
    }
    num_places_ = 0;
  }

  // Appends the fields of label references and of metadata of a series to refs_, and symbols that
  // the request does not have yet to head_.
  void AppendRefs(uint32_t series) {
    if (num_places_ == 0) AddPlace("");  // the first symbol is the empty one
    const size_t begin = series == 0 ? 0 : series_end_[series - 1];
    packed_.clear();
    for (size_t i = begin; i < series_end_[series]; ++i) {
      AppendVarint(PlaceOf(symbols_of_series_[i]), &packed_);
    }
    AppendBytesField(v2::kSeriesLabelRefs, packed_, &refs_);
    AppendMetadata(metadata_of_series_[series]);
    refs_end_.push_back(refs_.size());
  }
  void AppendMetadata(const Metadata& metadata) {
    if (!metadata.is_known) return;
    packed_.clear();
    AppendVarintField(v2::kMetadataType, metadata.type, &packed_);
    AppendVarintField(v2::kMetadataHelpRef, PlaceOf(metadata.help), &packed_);
    AppendVarintField(v2::kMetadataUnitRef, PlaceOf(metadata.unit), &packed_);
    AppendBytesField(v2::kSeriesMetadata, packed_, &refs_);
  }
  uint32_t PlaceOf(uint32_t symbol) {
    if (symbols_[symbol].empty()) return 0;
    Place& place = places_[symbol];
    if (place.request != request_) place = {request_, AddPlace(symbols_[symbol])};
    return place.place;
  }
  uint32_t AddPlace(std::string_view symbol) {
    AppendBytesField(v2::kRequestSymbol, symbol, &head_);
    return num_places_++;
  }

  std::vector<std::string> symbols_;
  StringMap<uint32_t> number_of_symbol_;
  std::vector<Place> places_;  // of each symbol
  std::vector<uint32_t> symbols_of_series_;
  std::vector<size_t> series_end_;  // of each series, in symbols_of_series_
  std::vector<Metadata> metadata_of_series_;
  // Of the request being encoded.
  uint32_t request_ = 0, num_places_ = 0;
  std::string head_, refs_, packed_;
  std::vector<size_t> refs_end_;  // of each sample, in refs_
};

}  // namespace

std::unique_ptr<WriteEncoder> WriteEncoder::Create(WriteMessage message) {
  if (message == WriteMessage::kV2) return std::make_unique<EncoderV2>();
  return std::make_unique<EncoderV1>();
}

}  // namespace tidemark::remote
