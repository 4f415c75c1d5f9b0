#include "http/remote/chunks_answer.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/io/crc32c.h"
#include "base/io/protobuf_fields.h"
#include "base/io/varint.h"
#include "base/model/sample.h"
#include "base/status_macros.h"
#include "http/remote/series_message.h"
#include "http/remote/series_pieces.h"
#include "tsdb/prometheus_chunk.h"

namespace tidemark::http {
namespace {

using tsdb::PrometheusChunk;

// Fields of the messages.
constexpr uint32_t kResponseSeries = 1, kResponseQuery = 2;
constexpr uint32_t kSeriesChunk = 2;
constexpr uint32_t kChunkMin = 1, kChunkMax = 2, kChunkType = 3, kChunkData = 4;

// Makes the frames of one query's series.
class FrameWriter {
 public:
  FrameWriter(size_t query, size_t frame_bytes, const BodySink& sink)
      : query_(query), frame_bytes_(frame_bytes), sink_(sink) {}

  void BeginSeries(std::string_view labels, const LabelSet& external_labels) {
    series_.clear();
    AppendLabelFields(labels, external_labels, &series_);
    labels_bytes_ = series_.size();
  }
  absl::Status Add(std::span<const PrometheusChunk> chunks) {
    for (const PrometheusChunk& chunk : chunks) {
      AppendChunk(chunk);
      if (series_.size() >= frame_bytes_) RETURN_IF_ERROR(Send());
    }
    return absl::OkStatus();
  }
  absl::Status EndSeries() { return series_.size() > labels_bytes_ ? Send() : absl::OkStatus(); }

 private:
  void AppendChunk(const PrometheusChunk& chunk) {
    chunk_.clear();
    AppendVarintField(kChunkMin, static_cast<uint64_t>(chunk.range.min), &chunk_);
    AppendVarintField(kChunkMax, static_cast<uint64_t>(chunk.range.max), &chunk_);
    AppendVarintField(kChunkType, static_cast<uint64_t>(chunk.encoding), &chunk_);
    AppendBytesField(kChunkData, chunk.data, &chunk_);
    AppendBytesField(kSeriesChunk, chunk_, &series_);
  }

  absl::Status Send() {
    message_.clear();
    AppendBytesField(kResponseSeries, series_, &message_);
    if (query_ > 0) AppendVarintField(kResponseQuery, query_, &message_);
    series_.resize(labels_bytes_);

    frame_.clear();
    AppendVarint(message_.size(), &frame_);
    const uint32_t checksum = Crc32c(message_);
    for (int shift = 24; shift >= 0; shift -= 8) {
      frame_.push_back(static_cast<char>(checksum >> shift));
    }
    frame_ += message_;
    return sink_(frame_) ? absl::OkStatus() : absl::CancelledError("the client has gone");
  }

  const size_t query_, frame_bytes_;
  const BodySink& sink_;
  size_t labels_bytes_ = 0;
  std::string series_;  // the ChunkedSeries: its labels, and chunks that were not sent
  std::string chunk_, message_, frame_;
};

// What stands for a series of which only the labels are wanted: a chunk without samples.
PrometheusChunk EmptyChunk(TimeRange range) {
  return {tsdb::ChunkEncoding::kXor, range, std::string(2, '\0')};
}

}  // namespace

absl::Status ChunksAnswer::Begin() {
  if (request_.queries.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(first_, SelectSeries(request_.queries.front(), *querier_));
  return absl::OkStatus();
}

absl::Status ChunksAnswer::Stream(const BodySink& sink, const Cancellation& cancellation) {
  for (size_t query = 0; query < request_.queries.size(); ++query) {
    std::unique_ptr<tsdb::SeriesSet> set = std::move(first_);
    if (query > 0) {
      ASSIGN_OR_RETURN(set, SelectSeries(request_.queries[query], *querier_));
    }
    if (set != nullptr) RETURN_IF_ERROR(StreamQuery(query, *set, sink, cancellation));
  }
  return absl::OkStatus();
}

absl::Status ChunksAnswer::StreamQuery(size_t query, const tsdb::SeriesSet& set,
                                       const BodySink& sink, const Cancellation& cancellation) {
  const TimeRange range = request_.queries[query].range;
  FrameWriter writer(query, frame_bytes_, sink);
  tsdb::PrometheusChunkEncoder encoder;
  SampleColumns samples;
  std::vector<PrometheusChunk> chunks;
  for (size_t i = 0; i < set.size(); ++i) {
    writer.BeginSeries(set.label_bytes(i), external_labels_);
    if (request_.queries[query].labels_only) {
      chunks = {EmptyChunk(range)};
      RETURN_IF_ERROR(writer.Add(chunks));
    } else {
      for (SeriesPieces pieces(set, i, range);;) {
        RETURN_IF_ERROR(cancellation.Check());
        ASSIGN_OR_RETURN(const bool more, pieces.Next(samples));
        chunks.clear();
        more ? encoder.Add(samples, &chunks) : encoder.Finish(&chunks);
        RETURN_IF_ERROR(writer.Add(chunks));
        if (!more) break;
      }
    }
    RETURN_IF_ERROR(writer.EndSeries());
  }
  return absl::OkStatus();
}

}  // namespace tidemark::http
