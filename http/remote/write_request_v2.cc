#include "http/remote/write_request_v2.h"

#include <utility>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/remote/sample_message.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kRequestSymbol = 4, kRequestSeries = 5;
constexpr uint32_t kSeriesLabelRef = 1, kSeriesSample = 2, kSeriesHistogram = 3,
                   kSeriesExemplar = 4, kSeriesMetadata = 5, kSeriesStart = 6;
constexpr uint32_t kExemplarLabelRef = 1, kExemplarValue = 2, kExemplarTimestamp = 3;
constexpr uint32_t kMetadataType = 1, kMetadataHelp = 3, kMetadataUnit = 4;

// Strings that differ would fill 32 MiB long before; equal ones bound the memory of the table.
constexpr size_t kMaxSymbols = 4 << 20;

struct Symbol {
  std::string_view text;
  Hash128 hash;
};

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }
pbf_reader ReaderOf(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

absl::Status BadMessage(std::string_view reason) {
  return absl::InvalidArgumentError(StrCat("bad io.prometheus.write.v2.Request: ", reason));
}

// References are mostly one byte or two; this is the loop that a known series costs most in.
void AddRefs(std::string_view packed, std::vector<uint32_t>& refs) {
  size_t size = refs.size();
  refs.resize(size + packed.size());  // a byte each at least
  while (!packed.empty()) {
    const auto first = static_cast<uint8_t>(packed[0]);
    const auto second = static_cast<uint8_t>(packed.size() > 1 ? packed[1] : 0x80);
    if (first < 0x80) {
      refs[size++] = first;
      packed.remove_prefix(1);
    } else if (second < 0x80) {
      refs[size++] = static_cast<uint32_t>(first & 0x7f) | static_cast<uint32_t>(second) << 7;
      packed.remove_prefix(2);
    } else {
      const std::optional<uint64_t> ref = ConsumeVarint(packed);
      if (!ref) throw protozero::end_of_buffer_exception();
      refs[size++] = static_cast<uint32_t>(*ref);
    }
  }
  refs.resize(size);
}

// Throws where the message is damaged.
std::vector<Symbol> ReadSymbols(std::string_view message) {
  std::vector<Symbol> symbols;
  for (pbf_reader reader = ReaderOf(message); reader.next();) {
    if (reader.tag_and_type() == BytesTag(kRequestSymbol)) {
      const std::string_view text = ToView(reader.get_view());
      symbols.push_back({text, SeededHash128(text)});
      if (symbols.size() > kMaxSymbols) break;
    } else {
      reader.skip();
    }
  }
  return symbols;
}

}  // namespace

class WriteRequestV2Reader::Impl {
 public:
  Impl(std::string_view message, std::vector<Symbol> symbols)
      : reader_(ReaderOf(message)), symbols_(std::move(symbols)) {}

  // These throw where the message is damaged.
  absl::StatusOr<bool> Next(WrittenSeriesV2& series) {
    while (reader_.next()) {
      switch (reader_.tag_and_type()) {
        case BytesTag(kRequestSeries):
          RETURN_IF_ERROR(ReadSeries(ToView(reader_.get_view()), series));
          return true;
        case BytesTag(kRequestSymbol):
          reader_.skip();
          break;
        default:
          // Fields 1 to 3 are those of another message, remote write 1.0.
          SkipUnknown(reader_, kRequestSeries);
      }
    }
    return false;
  }

  std::vector<LabelView> LabelsOf(std::string_view message) const {
    std::vector<uint32_t> refs;
    for (pbf_reader reader = ReaderOf(message); reader.next();) {
      if (!ReadLabelRefs(reader, refs)) reader.skip();
    }
    auto labels = Labels(refs);
    return labels.ok() ? *std::move(labels) : std::vector<LabelView>();
  }

  // One hash for the hashes of all strings: those are made once for each symbol.
  std::optional<Hash128> Key(std::span<const uint32_t> refs) {
    if (refs.size() % 2 != 0) return std::nullopt;
    hashes_.resize(refs.size());
    for (size_t i = 0; i < refs.size(); ++i) {
      if (refs[i] >= symbols_.size()) return std::nullopt;
      hashes_[i] = symbols_[refs[i]].hash;
    }
    return SeededHash128(
        {reinterpret_cast<const char*>(hashes_.data()), hashes_.size() * sizeof(Hash128)});
  }

  absl::StatusOr<std::vector<LabelView>> Labels(std::span<const uint32_t> refs) const {
    RETURN_IF_ERROR(CheckRefs(refs));
    std::vector<LabelView> labels;
    labels.reserve(refs.size() / 2);
    for (size_t i = 0; i < refs.size(); i += 2) {
      labels.push_back({symbols_[refs[i]].text, symbols_[refs[i + 1]].text});
    }
    return labels;
  }

 private:
  static bool ReadLabelRefs(pbf_reader& reader, std::vector<uint32_t>& refs) {
    if (reader.tag_and_type() == BytesTag(kSeriesLabelRef)) {
      AddRefs(ToView(reader.get_view()), refs);
    } else if (reader.tag_and_type() == VarintTag(kSeriesLabelRef)) {
      refs.push_back(reader.get_uint32());
    } else {
      return false;
    }
    return true;
  }

  absl::Status ReadSeries(std::string_view message, WrittenSeriesV2& series) {
    series.message = message;
    series.label_refs.clear();
    series.samples.clear();
    series.histograms.clear();
    series.exemplars.clear();
    series.exemplar_errors.clear();
    series.has_metadata = false;
    series.metadata_error = absl::OkStatus();
    for (pbf_reader reader = ReaderOf(message); reader.next();) {
      if (ReadLabelRefs(reader, series.label_refs)) continue;
      switch (reader.tag_and_type()) {
        case BytesTag(kSeriesSample):
          RETURN_IF_ERROR(ReadSample(ToView(reader.get_view()), &series.samples.emplace_back()));
          break;
        case BytesTag(kSeriesHistogram):
          RETURN_IF_ERROR(
              histograms_.Read(ToView(reader.get_view()), &series.histograms.emplace_back()));
          break;
        case BytesTag(kSeriesExemplar):
          if (absl::StatusOr<Exemplar> read = ReadExemplar(reader.get_message()); read.ok()) {
            series.exemplars.push_back(*std::move(read));
          } else {
            series.exemplar_errors.push_back(read.status());
          }
          break;
        case BytesTag(kSeriesMetadata):
          series.has_metadata = true;
          series.metadata_error = CheckMetadata(reader.get_message());
          break;
        case VarintTag(kSeriesStart):
          reader.skip();
          break;
        default:
          SkipUnknown(reader, kSeriesStart);
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Exemplar> ReadExemplar(pbf_reader reader) {
    Exemplar exemplar;
    exemplar_refs_.clear();
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case BytesTag(kExemplarLabelRef):
          AddRefs(ToView(reader.get_view()), exemplar_refs_);
          break;
        case VarintTag(kExemplarLabelRef):
          exemplar_refs_.push_back(reader.get_uint32());
          break;
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
    ASSIGN_OR_RETURN(const std::vector<LabelView> labels, Labels(exemplar_refs_));
    LabelSetBuilder builder;
    for (const LabelView& label : labels) builder.Set(label.name, label.value);
    exemplar.labels = builder.Build();
    return exemplar;
  }

  absl::Status CheckMetadata(pbf_reader reader) const {
    absl::Status status;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case VarintTag(kMetadataType):
          reader.skip();
          break;
        case VarintTag(kMetadataHelp):
        case VarintTag(kMetadataUnit):
          if (const uint32_t ref = reader.get_uint32(); ref >= symbols_.size()) {
            status = OutsideTable(ref);
          }
          break;
        default:
          SkipUnknown(reader, kMetadataUnit);
      }
    }
    return status;
  }

  absl::Status CheckRefs(std::span<const uint32_t> refs) const {
    if (refs.size() % 2 != 0) {
      return absl::InvalidArgumentError(StrCat("invalid labelRefs length ", refs.size()));
    }
    for (const uint32_t ref : refs) {
      if (ref >= symbols_.size()) return OutsideTable(ref);
    }
    return absl::OkStatus();
  }

  absl::Status OutsideTable(uint32_t ref) const {
    return absl::InvalidArgumentError(StrCat(
        "symbol ", ref, " is outside of the symbols table, whose size is ", symbols_.size()));
  }

  pbf_reader reader_;
  const std::vector<Symbol> symbols_;
  HistogramReader histograms_;
  std::vector<Hash128> hashes_;          // of one series; kept for its capacity
  std::vector<uint32_t> exemplar_refs_;  // of one exemplar; likewise
};

WriteRequestV2Reader::WriteRequestV2Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WriteRequestV2Reader::~WriteRequestV2Reader() = default;
WriteRequestV2Reader::WriteRequestV2Reader(WriteRequestV2Reader&&) noexcept = default;

absl::StatusOr<WriteRequestV2Reader> WriteRequestV2Reader::Open(std::string_view message) {
  try {
    std::vector<Symbol> symbols = ReadSymbols(message);
    if (symbols.size() > kMaxSymbols) {
      return BadMessage(StrCat("more than ", kMaxSymbols, " symbols"));
    }
    return WriteRequestV2Reader(std::make_unique<Impl>(message, std::move(symbols)));
  } catch (const protozero::exception& e) {
    return BadMessage(e.what());
  }
}

absl::StatusOr<bool> WriteRequestV2Reader::Next(WrittenSeriesV2& series) {
  try {
    return impl_->Next(series);
  } catch (const protozero::exception& e) {
    return BadMessage(e.what());
  }
}

std::optional<Hash128> WriteRequestV2Reader::Key(std::span<const uint32_t> refs) const {
  return impl_->Key(refs);
}

absl::StatusOr<std::vector<LabelView>> WriteRequestV2Reader::Labels(
    std::span<const uint32_t> refs) const {
  return impl_->Labels(refs);
}

std::vector<LabelView> WriteRequestV2Reader::LabelsOf(std::string_view message) const {
  try {
    return impl_->LabelsOf(message);
  } catch (const protozero::exception&) {
    return {};
  }
}

}  // namespace tidemark::http
