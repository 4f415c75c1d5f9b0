#include "tsdb/codec/chunk.h"

#include <algorithm>
#include <optional>
#include <vector>

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

absl::Status ConsumeTimes(const Front& front, std::string_view& bytes,
                          std::span<TimestampMs> timestamps) {
  return TimestampCodec::Decode(front.timestamps, front.header.min_time, front.header.max_time,
                                bytes, timestamps);
}

absl::Status CheckEnd(std::string_view rest) {
  return rest.empty() ? absl::OkStatus() : absl::DataLossError("more bytes than the chunk has");
}

// What a chunk has after its header: in one piece, or the timestamps and the rest.
struct Body {
  std::string_view bytes;
  std::optional<std::string_view> rest;
};

// Reads the timestamps, after which body.bytes are what follows them.
absl::Status ConsumeTimes(const Front& front, Body& body, std::span<TimestampMs> timestamps) {
  RETURN_IF_ERROR(ConsumeTimes(front, body.bytes, timestamps));
  if (!body.rest) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEnd(body.bytes));
  body.bytes = *body.rest;
  return absl::OkStatus();
}

absl::Status DecodeFloats(const Front& front, Body body, SampleColumns& out) {
  const size_t before = out.size();
  out.timestamps.resize(before + front.header.num_samples);
  out.values.resize(before + front.header.num_samples);
  absl::Status status = ConsumeTimes(front, body, std::span(out.timestamps).subspan(before));
  if (status.ok()) {
    status =
        ConsumeValueColumn(body.bytes, Nesting::kOutermost, std::span(out.values).subspan(before));
  }
  if (status.ok()) status = CheckEnd(body.bytes);
  if (!status.ok()) {
    out.timestamps.resize(before);
    out.values.resize(before);
  }
  return status;
}

absl::Status DecodeHistograms(const Front& front, Body body, TimeRange wanted,
                              HistogramColumns& out) {
  static thread_local std::vector<TimestampMs> timestamps;
  timestamps.resize(front.header.num_samples);
  RETURN_IF_ERROR(ConsumeTimes(front, body, timestamps));
  const size_t before = out.size();
  const bool is_float = front.header.kind == ChunkKind::kFloatHistogram;
  RETURN_IF_ERROR(ConsumeHistogramColumn(body.bytes, is_float, timestamps, out, wanted));
  absl::Status status = CheckEnd(body.bytes);
  if (!status.ok()) out.Truncate(before);
  return status;
}

// Series that are scraped together are sealed one after another, with the same timestamps.
TimestampCodec::Layout AppendTimes(std::span<const TimestampMs> timestamps, std::string* out) {
  struct Column {
    std::vector<TimestampMs> timestamps;
    TimestampCodec::Layout layout = TimestampCodec::Layout::kRegular;
    std::string bytes;
  };
  static thread_local Column last;
  if (!std::equal(timestamps.begin(), timestamps.end(), last.timestamps.begin(),
                  last.timestamps.end())) {
    last.timestamps.assign(timestamps.begin(), timestamps.end());
    last.bytes.clear();
    last.layout = TimestampCodec::Encode(timestamps, &last.bytes);
  }
  out->append(last.bytes);
  return last.layout;
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
  const auto layout = static_cast<uint8_t>(AppendTimes(timestamps, out));
  (*out)[front_at] = static_cast<char>(front | layout << kTimestampsShift);
}

}  // namespace

void EncodeChunk(std::span<const TimestampMs> timestamps, std::span<const double> values,
                 std::string* out) {
  AppendFront(ChunkKind::kFloat, timestamps, out);
  if (!values.empty()) AppendValueColumn(values, Nesting::kOutermost, out);
}

absl::Status EncodeChunk(const HistogramColumns& histograms, size_t begin, size_t end,
                         std::string* out) {
  const size_t before = out->size();
  const bool is_float = begin < end && histograms[begin].is_float;
  AppendFront(is_float ? ChunkKind::kFloatHistogram : ChunkKind::kHistogram,
              histograms.timestamps().subspan(begin, end - begin), out);
  if (begin == end) return absl::OkStatus();
  absl::Status status = AppendHistogramColumn(histograms, begin, end, out);
  if (!status.ok()) out->resize(before);
  return status;
}

absl::StatusOr<ChunkHeader> ReadChunkHeader(std::string_view chunk) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(chunk));
  return front.header;
}

namespace {

absl::Status DecodeBody(Body body, TimeRange wanted, SampleColumns& out) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(body.bytes));
  if (front.header.num_samples == 0) {
    RETURN_IF_ERROR(CheckEnd(body.bytes));
    return CheckEnd(body.rest.value_or(""));
  }
  if (front.header.kind == ChunkKind::kFloat) return DecodeFloats(front, body, out);
  return DecodeHistograms(front, body, wanted, out.histograms);
}

}  // namespace

absl::Status DecodeChunk(std::string_view chunk, SampleColumns& out) {
  return DecodeBody({chunk, std::nullopt}, {}, out);
}

absl::Status DecodeChunk(std::string_view front, std::string_view rest, SampleColumns& out,
                         TimeRange wanted) {
  return DecodeBody({front, rest}, wanted, out);
}

size_t ChunkFrontSize(std::string_view chunk) {
  static thread_local std::vector<TimestampMs> timestamps;
  std::string_view rest = chunk;
  const absl::StatusOr<Front> front = ConsumeFront(rest);
  if (!front.ok()) return chunk.size();
  timestamps.resize(front->header.num_samples);
  const bool whole = timestamps.empty() || ConsumeTimes(*front, rest, timestamps).ok();
  return whole ? chunk.size() - rest.size() : chunk.size();
}

}  // namespace tidemark::tsdb
