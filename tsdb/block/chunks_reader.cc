#include "tsdb/block/chunks_reader.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/chunk_summary.h"
#include "tsdb/codec/exact_double.h"
#include "tsdb/codec/histogram_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

absl::Status DamagedChunk() { return absl::DataLossError("damaged chunk"); }

// All values are the same, which is said in the first byte of their column.
bool IsConstant(std::string_view values) {
  return !values.empty() && values.front() == static_cast<char>(ValueCodec::kConstant);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChunksReader>> ChunksReader::Open(
    const std::string& path, std::shared_ptr<BlockCache> cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<SstReader> file, SstReader::Open(path, std::move(cache)));
  std::unique_ptr<ChunksReader> reader(new ChunksReader(path, std::move(file)));
  const std::unique_ptr<KvIterator> it = reader->file_->NewIterator();
  it->Seek(FrontKey());
  RETURN_IF_ERROR(it->status());
  if (!it->Valid() || it->key() != FrontKey()) {
    return reader->Name(absl::DataLossError("no front"));
  }
  absl::StatusOr<ChunksFront> front = ParseChunksFront(it->value());
  if (!front.ok()) return reader->Name(front.status());
  reader->front_ = *std::move(front);
  return reader;
}

absl::Status ChunksReader::Name(const absl::Status& status) const {
  if (status.ok() || ToStd(status.message()).find(path_) != std::string_view::npos) return status;
  return absl::Status(status.code(), StrCat(path_, ": ", ToStd(status.message())));
}

ChunkCursor ChunksReader::NewCursor() const { return ChunkCursor(*this); }
SpanCursor ChunksReader::NewSpanCursor() const { return SpanCursor(*this); }

absl::Status ChunksReader::Verify() const {
  RETURN_IF_ERROR(file_->VerifyChecksums());
  return Name(VerifyChunks());
}

absl::Status ChunksReader::VerifyChunks() const {
  ChunkCursor cursor = NewCursor();
  SpanCursor spans = NewSpanCursor();
  uint64_t num_chunks = 0, num_samples = 0;
  SampleColumns samples;
  for (uint32_t series = 0; series < front_.num_series; ++series) {
    RETURN_IF_ERROR(cursor.Verify(series, &num_chunks, &num_samples));
    RETURN_IF_ERROR(cursor.Read(series, TimeRange(), samples));
    ASSIGN_OR_RETURN(const TimeRange span, spans.Span(series));
    const TimeRange extent = samples.Extent();
    if (!samples.has_samples() || extent.min < span.min || extent.max > span.max) {
      return absl::DataLossError(StrCat("series ", series, " is not where its span says"));
    }
  }
  if (num_chunks != front_.num_chunks || num_samples != front_.num_samples) {
    return absl::DataLossError("not as many chunks or samples as the front says");
  }
  return absl::OkStatus();
}

ChunkCursor::ChunkCursor(const ChunksReader& reader, bool fill_cache)
    : reader_(&reader),
      bundles_(reader.file_->NewIterator(fill_cache)),
      time_columns_(*reader.file_, reader.front_.range.min, reader.front_.num_time_columns) {}

absl::Status ChunkCursor::Name(const absl::Status& status, uint32_t series) const {
  if (status.ok()) return status;
  return reader_->Name(
      absl::Status(status.code(), StrCat(ToStd(status.message()), ", series ", series)));
}

absl::Status ChunkCursor::ParseCurrent() {
  bundle_.chunks.clear();
  RETURN_IF_ERROR(bundles_->status());
  if (!bundles_->Valid() || !IsBundleKey(bundles_->key())) {
    return absl::DataLossError("a bundle of chunks is missing");
  }
  bundle_time_ = BundleTime(bundles_->key());
  absl::Status status = ParseBundle(bundles_->value(), PageNumber(bundles_->key()), &bundle_);
  if (!status.ok()) bundle_.chunks.clear();
  return status;
}

absl::Status ChunkCursor::NextBundle() {
  bundles_->Next();
  return ParseCurrent();
}

// Whether the chunks of `series` that end at `from` or later start in this bundle.
bool ChunkCursor::Serves(uint32_t series, TimestampMs from) {
  if (!IsAt(series)) return false;
  if (bundle_.first_went_on && bundle_.chunks.front().series == series && bundle_time_ > from) {
    return false;
  }
  if (bundle_.chunks.back().series > series || !bundle_.last_goes_on) return true;
  const absl::StatusOr<OpenedChunk> last = OpenChunkOf(bundle_.chunks.back());
  return last.ok() && last->head.range.max >= from;
}

absl::Status ChunkCursor::Locate(uint32_t series, TimestampMs from) {
  if (Serves(series, from)) return absl::OkStatus();
  if (!bundle_.chunks.empty() && bundle_.chunks.back().series + 1 == series) {
    RETURN_IF_ERROR(NextBundle());
    if (Serves(series, from)) return absl::OkStatus();
  }
  bundles_->SeekForPrev(BundleKey(series, from));
  RETURN_IF_ERROR(bundles_->status());
  // The series starts later, and it is the first of all or begins a bundle.
  if (!bundles_->Valid()) bundles_->Seek(BundleKey(series, from));
  RETURN_IF_ERROR(ParseCurrent());
  if (bundle_.chunks.back().series < series) {
    RETURN_IF_ERROR(NextBundle());
  }
  return IsAt(series) ? absl::OkStatus() : absl::DataLossError("the chunks are missing");
}

absl::StatusOr<ChunkCursor::OpenedChunk> ChunkCursor::OpenChunkOf(const BundledChunk& entry) {
  OpenedChunk chunk{.entry = &entry, .head = {}, .rest = entry.body};
  if (entry.time_column != BundledChunk::kOwnTimes) {
    ASSIGN_OR_RETURN(const TimeColumnHead* head, time_columns_.Head(entry.time_column));
    chunk.head = *head;
    return chunk;
  }
  ASSIGN_OR_RETURN(const TimeColumnFront front,
                   ConsumeTimeColumnFront(chunk.rest, reader_->front_.range.min));
  RETURN_IF_ERROR(ConsumeTimes(front, chunk.rest, &own_times_));
  chunk.head = front.head;
  return chunk;
}

template <typename Visit>
absl::Status ChunkCursor::ForEachChunk(uint32_t series, TimeRange range, Visit visit) {
  RETURN_IF_ERROR(Locate(series, range.min));
  TimestampMs last = kMinTimestamp;
  bool any = false;
  while (true) {
    const std::vector<BundledChunk>& chunks = bundle_.chunks;
    auto it = std::lower_bound(chunks.begin(), chunks.end(), series,
                               [](const BundledChunk& c, uint32_t s) { return c.series < s; });
    for (; it != chunks.end() && it->series == series; ++it) {
      ASSIGN_OR_RETURN(const OpenedChunk chunk, OpenChunkOf(*it));
      if (any && chunk.head.range.min <= last) return DamagedChunk();
      last = chunk.head.range.max;
      any = true;
      if (chunk.head.range.min > range.max) return absl::OkStatus();
      if (last >= range.min) RETURN_IF_ERROR(visit(chunk));
    }
    if (it != chunks.end() || !bundle_.last_goes_on || last >= range.max) return absl::OkStatus();
    RETURN_IF_ERROR(NextBundle());
    if (!bundle_.first_went_on || chunks.front().series != series) {
      return absl::DataLossError("chunks are missing");
    }
  }
}

absl::Status ChunkCursor::AppendSamples(const OpenedChunk& chunk, TimeRange wanted,
                                        SampleColumns& out) {
  std::string_view rest = chunk.rest;
  ChunkSummary summary;
  summary.num_samples = chunk.head.count;
  if (chunk.entry->has_summary && !ConsumeSummary(rest, &summary)) return DamagedChunk();
  std::span<const TimestampMs> times = own_times_;
  if (chunk.entry->time_column != BundledChunk::kOwnTimes) {
    ASSIGN_OR_RETURN(times, time_columns_.Times(chunk.entry->time_column));
  }
  if (chunk.entry->kind != ChunkKind::kFloat) {
    const bool is_float = chunk.entry->kind == ChunkKind::kFloatHistogram;
    RETURN_IF_ERROR(ConsumeHistogramColumn(rest, is_float, times, out.histograms, wanted));
    return rest.empty() ? absl::OkStatus() : DamagedChunk();
  }
  const size_t before = out.size();
  out.timestamps.insert(out.timestamps.end(), times.begin(), times.end());
  out.values.resize(before + times.size());
  RETURN_IF_ERROR(
      ConsumeValueColumn(rest, Nesting::kOutermost, std::span(out.values).subspan(before)));
  return rest.empty() ? absl::OkStatus() : DamagedChunk();
}

absl::StatusOr<bool> ChunkCursor::Summary(const OpenedChunk& chunk, ChunkSummary* summary) const {
  std::string_view rest = chunk.rest;
  *summary = {.range = chunk.head.range, .num_samples = chunk.head.count};
  if (chunk.entry->kind != ChunkKind::kFloat) return false;
  if (chunk.entry->has_summary) {
    if (!ConsumeSummary(rest, summary)) return DamagedChunk();
    return true;
  }
  if (!IsConstant(rest)) return false;
  rest.remove_prefix(1);
  const std::optional<double> value = ConsumeExactDouble(rest);
  if (!value) return DamagedChunk();
  const std::optional<ChunkSummary> constant =
      SummariseConstant(chunk.head.range, chunk.head.count, *value);
  if (constant) *summary = *constant;
  return constant.has_value();
}

absl::Status ChunkCursor::Read(uint32_t series, TimeRange range, SampleColumns& out) {
  out.clear();
  const absl::Status status =
      Name(ForEachChunk(series, range,
                        [&](const OpenedChunk& chunk) { return AppendSamples(chunk, range, out); }),
           series);
  if (!status.ok()) {
    out.clear();
    bundle_.chunks.clear();
    return status;
  }
  if (!out.has_samples()) return absl::OkStatus();
  const TimeRange extent = out.Extent();
  if (extent.min < range.min || extent.max > range.max) KeepRange(range, out);
  return absl::OkStatus();
}

absl::Status ChunkCursor::ReadSummaries(uint32_t series, TimeRange range,
                                        const IntervalSet* deleted,
                                        std::vector<ChunkSummary>& out) {
  out.clear();
  const auto visit = [&](const OpenedChunk& chunk) -> absl::Status {
    const TimeRange& own = chunk.head.range;
    if (own.min < range.min || own.max > range.max) return absl::OkStatus();
    if (deleted != nullptr && deleted->Overlaps(own)) return absl::OkStatus();
    ChunkSummary summary;
    ASSIGN_OR_RETURN(const bool known, Summary(chunk, &summary));
    if (known) out.push_back(summary);
    return absl::OkStatus();
  };
  const absl::Status status = Name(ForEachChunk(series, range, visit), series);
  if (!status.ok()) bundle_.chunks.clear();
  return status;
}

absl::Status ChunkCursor::Verify(uint32_t series, uint64_t* num_chunks, uint64_t* num_samples) {
  const auto visit = [&](const OpenedChunk& chunk) -> absl::Status {
    samples_.clear();
    RETURN_IF_ERROR(AppendSamples(chunk, {}, samples_));
    ChunkSummary summary;
    ASSIGN_OR_RETURN(const bool known, Summary(chunk, &summary));
    if (known) {
      const std::optional<ChunkSummary> actual = Summarise(samples_.timestamps, samples_.values);
      if (!actual || !SameSummary(*actual, summary)) {
        return absl::DataLossError("a summary is not that of its chunk");
      }
    }
    ++*num_chunks;
    *num_samples += samples_.num_samples();
    return absl::OkStatus();
  };
  return Name(ForEachChunk(series, TimeRange(), visit), series);
}

absl::Status SpanCursor::Load(uint32_t series) {
  if (iterator_ == nullptr) iterator_ = reader_->file_->NewIterator();
  page_ = {};
  first_ = series / kSeriesPerSpanPage * kSeriesPerSpanPage;
  const std::string key = PageKey(ChunksKey::kSpans, first_);
  iterator_->Seek(key);
  RETURN_IF_ERROR(iterator_->status());
  if (!iterator_->Valid() || iterator_->key() != key) {
    return reader_->Name(absl::DataLossError("a page of spans is missing"));
  }
  page_ = iterator_->value();
  return absl::OkStatus();
}

absl::StatusOr<TimeRange> SpanCursor::Span(uint32_t series) {
  if (series - first_ >= page_.size() / 2) RETURN_IF_ERROR(Load(series));
  const size_t at = size_t{2} * (series - first_);
  if (at + 2 > page_.size()) return reader_->Name(absl::DataLossError("a span is missing"));
  const TimeSlots slots{reader_->front_.range};
  return TimeRange{slots.Times(static_cast<uint8_t>(page_[at])).min,
                   slots.Times(static_cast<uint8_t>(page_[at + 1])).max};
}

}  // namespace tidemark::tsdb
