#include "tsdb/codec/chunk.h"

#include <optional>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/histogram_codec.h"
#include "tsdb/codec/timestamp_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

// The first byte: the version in the low half, then a bit for the layout of the timestamps, then
// the kind.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kVersionMask = 0xf;
constexpr int kTimestampsShift = 4;
constexpr int kKindShift = 5;

struct Front {
  ChunkHeader header;
  TimestampCodec::Layout timestamps = TimestampCodec::Layout::kRegular;
};

absl::Status Damaged() { return absl::DataLossError("damaged chunk header"); }

absl::StatusOr<Front> ConsumeFront(std::string_view& bytes) {
  if (bytes.empty()) return Damaged();
  const auto layout = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if ((layout & kVersionMask) != kVersion)
    return absl::DataLossError("chunk of an unknown version");
  Front front;
  front.timestamps = static_cast<TimestampCodec::Layout>(layout >> kTimestampsShift & 1);
  front.header.kind = static_cast<ChunkKind>(layout >> kKindShift);
  if (front.header.kind > ChunkKind::kFloatHistogram) return Damaged();
  const std::optional<uint64_t> num_samples = ConsumeVarint(bytes);
  if (!num_samples || *num_samples > kMaxSamplesPerChunk) return Damaged();
  front.header.num_samples = static_cast<uint32_t>(*num_samples);
  if (*num_samples == 0) return front;
  const std::optional<uint64_t> min_time = ConsumeVarint(bytes);
  if (!min_time) return Damaged();
  front.header.min_time = UnZigZag(*min_time);
  const std::optional<uint64_t> length = *num_samples > 1 ? ConsumeVarint(bytes) : 0;
  if (!length) return Damaged();
  front.header.max_time =
      static_cast<TimestampMs>(static_cast<uint64_t>(front.header.min_time) + *length);
  return front;
}

absl::Status ConsumeColumn(std::string_view& bytes, std::span<double> values) {
  return ConsumeValueColumn(bytes, Nesting::kOutermost, values);
}
template <typename Count>
absl::Status ConsumeColumn(std::string_view& bytes,
                           std::span<BasicHistogramSample<Count>> histograms) {
  return ConsumeHistogramColumn(bytes, histograms);
}

template <typename Value>
absl::Status DecodeColumns(const Front& front, std::string_view bytes,
                           std::span<TimestampMs> timestamps, std::span<Value> values) {
  const ChunkHeader& header = front.header;
  RETURN_IF_ERROR(TimestampCodec::Decode(front.timestamps, header.min_time, header.max_time, bytes,
                                         timestamps));
  RETURN_IF_ERROR(ConsumeColumn(bytes, values));
  return bytes.empty() ? absl::OkStatus() : absl::DataLossError("more bytes than the chunk has");
}

template <typename Value>
absl::Status Decode(ChunkKind kind, std::string_view chunk, std::vector<TimestampMs>& timestamps,
                    std::vector<Value>& values) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(chunk));
  if (front.header.kind != kind) return absl::DataLossError("chunk of another kind of values");
  const size_t num_samples = front.header.num_samples;
  if (num_samples == 0) {
    return chunk.empty() ? absl::OkStatus() : absl::DataLossError("more bytes than the chunk has");
  }
  const size_t before = timestamps.size();
  timestamps.resize(before + num_samples);
  values.resize(before + num_samples);
  absl::Status status = DecodeColumns(front, chunk, std::span(timestamps).subspan(before),
                                      std::span(values).subspan(before));
  if (!status.ok()) {
    timestamps.resize(before);
    values.resize(before);
  }
  return status;
}

// All of a chunk but its values; nothing more follows where there are no samples.
void AppendFront(ChunkKind kind, std::span<const TimestampMs> timestamps, std::string* out) {
  const size_t front_at = out->size();
  const auto front = static_cast<uint8_t>(kVersion | static_cast<uint8_t>(kind) << kKindShift);
  out->push_back(static_cast<char>(front));
  AppendVarint(timestamps.size(), out);
  if (timestamps.empty()) return;
  AppendVarint(ZigZag(timestamps.front()), out);
  if (timestamps.size() > 1) {
    AppendVarint(
        static_cast<uint64_t>(timestamps.back()) - static_cast<uint64_t>(timestamps.front()), out);
  }
  const auto layout = static_cast<uint8_t>(TimestampCodec::Encode(timestamps, out));
  (*out)[front_at] = static_cast<char>(front | layout << kTimestampsShift);
}

template <typename Count>
absl::Status EncodeHistograms(ChunkKind kind, std::span<const TimestampMs> timestamps,
                              std::span<const BasicHistogramSample<Count>> histograms,
                              std::string* out) {
  const size_t before = out->size();
  AppendFront(kind, timestamps, out);
  if (timestamps.empty()) return absl::OkStatus();
  absl::Status status = AppendHistogramColumn(histograms, out);
  if (!status.ok()) out->resize(before);
  return status;
}

}  // namespace

void EncodeChunk(std::span<const TimestampMs> timestamps, std::span<const double> values,
                 std::string* out) {
  AppendFront(ChunkKind::kFloat, timestamps, out);
  if (!values.empty()) AppendValueColumn(values, Nesting::kOutermost, out);
}

absl::Status EncodeChunk(std::span<const TimestampMs> timestamps,
                         std::span<const HistogramSample> histograms, std::string* out) {
  return EncodeHistograms(ChunkKind::kHistogram, timestamps, histograms, out);
}
absl::Status EncodeChunk(std::span<const TimestampMs> timestamps,
                         std::span<const FloatHistogramSample> histograms, std::string* out) {
  return EncodeHistograms(ChunkKind::kFloatHistogram, timestamps, histograms, out);
}

absl::StatusOr<ChunkHeader> ReadChunkHeader(std::string_view chunk) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(chunk));
  return front.header;
}

absl::Status DecodeChunk(std::string_view chunk, SampleColumns& out) {
  return Decode(ChunkKind::kFloat, chunk, out.timestamps, out.values);
}
absl::Status DecodeChunk(std::string_view chunk, std::vector<TimestampMs>& timestamps,
                         std::vector<HistogramSample>& histograms) {
  return Decode(ChunkKind::kHistogram, chunk, timestamps, histograms);
}
absl::Status DecodeChunk(std::string_view chunk, std::vector<TimestampMs>& timestamps,
                         std::vector<FloatHistogramSample>& histograms) {
  return Decode(ChunkKind::kFloatHistogram, chunk, timestamps, histograms);
}

}  // namespace tidemark::tsdb
