#include "tsdb/block/chunks_writer.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/block/chunk_summary.h"
#include "tsdb/codec/histogram_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

// Before compression. A block of the file holds one bundle, so this is what reading any series
// costs.
constexpr size_t kBundleBytes = 16 * 1024;
static_assert(TimeColumnsWriter::kNoColumn == BundledChunk::kOwnTimes);

// Longer chunks compress better but are read whole: two hours at the usual interval of 15 s are one
// chunk of 480 samples.
constexpr double kSamplesPerChunk = 500;
constexpr size_t kMaxSamplesInChunk = 1024;

// Chunks of fewer samples are read as fast as their summaries.
constexpr size_t kMinSamplesForSummary = 16;

// How long a part of `range` is in which one chunk of such a series goes. Parts are laid out from
// the start of the range, and their length follows from the rate of samples and not from their
// number: so the chunks of series that are scraped together are cut at the same times, even where
// one began later or missed a sample, and can share their timestamps.
uint64_t PartLength(const TimeRange& range, std::span<const TimestampMs> times) {
  const uint64_t length = TimeDistance(range.min, range.max);
  if (times.size() < 2) return length;
  const double interval = static_cast<double>(TimeDistance(times.front(), times.back())) /
                          static_cast<double>(times.size() - 1);
  const double parts = std::ceil(static_cast<double>(length) / (kSamplesPerChunk * interval));
  return parts <= 1 ? length : length / static_cast<uint64_t>(parts) + 1;
}

// How many of `times` lie in the part of the first of them.
size_t CountInPart(std::span<const TimestampMs> times, TimestampMs base, uint64_t part_length) {
  const auto part_of = [&](TimestampMs t) { return TimeDistance(base, t) / (part_length + 1); };
  const uint64_t part = part_of(times.front());
  if (part_of(times.back()) == part) return times.size();
  const auto end = std::partition_point(times.begin(), times.end(),
                                        [&](TimestampMs t) { return part_of(t) == part; });
  return static_cast<size_t>(end - times.begin());
}

// Of histograms with many buckets only as many as may be in one column.
size_t MaxSamplesInChunk(const SampleColumns& samples, const SampleRun& run) {
  if (run.kind == ChunkKind::kFloat) return kMaxSamplesInChunk;
  size_t max_buckets = 1;
  for (size_t i = run.begin; i < run.end; ++i) {
    const HistogramView histogram = samples.histograms[i];
    max_buckets =
        std::max(max_buckets, histogram.positive_counts.size() + histogram.negative_counts.size());
  }
  return std::clamp<size_t>(kMaxHistogramCounts / max_buckets, 2, kMaxSamplesInChunk);
}

}  // namespace

ChunksWriter::ChunksWriter(std::unique_ptr<SstWriter> file, std::string ulid, TimeRange range,
                           size_t max_time_column_bytes)
    : file_(std::move(file)), time_columns_(range.min, max_time_column_bytes) {
  front_.ulid = std::move(ulid);
  front_.range = range;
}

absl::StatusOr<std::unique_ptr<ChunksWriter>> ChunksWriter::Create(const std::string& path,
                                                                   std::string ulid,
                                                                   TimeRange range,
                                                                   size_t max_time_column_bytes) {
  SstWriter::Options options;
  options.block_bytes = kBundleBytes;
  ASSIGN_OR_RETURN(std::unique_ptr<SstWriter> file, SstWriter::Create(path, options));
  return std::unique_ptr<ChunksWriter>(
      new ChunksWriter(std::move(file), std::move(ulid), range, max_time_column_bytes));
}

absl::Status ChunksWriter::Add(const SampleColumns& samples) {
  const TimeSlots slots{front_.range};
  const TimeRange extent = samples.Extent();
  spans_.push_back(static_cast<char>(slots.Of(extent.min)));
  spans_.push_back(static_cast<char>(slots.Of(extent.max)));
  const std::vector<SampleRun> runs = SampleRuns(samples);
  for (const SampleRun& run : runs) {
    RETURN_IF_ERROR(AddRun(samples, run, /*is_last=*/&run == &runs.back()));
  }
  ++front_.num_series;
  return absl::OkStatus();
}

absl::Status ChunksWriter::AddRun(const SampleColumns& samples, SampleRun run, bool is_last) {
  const uint64_t part_length = PartLength(front_.range, TimesOf(samples, run));
  const size_t max_samples = MaxSamplesInChunk(samples, run);
  while (run.size() > 0) {
    const size_t in_part = CountInPart(TimesOf(samples, run), front_.range.min, part_length);
    const size_t count = in_part <= max_samples ? in_part : std::min(in_part, max_samples / 2);
    RETURN_IF_ERROR(AddChunk(samples, {run.kind, run.begin, run.begin + count}));
    run.begin += count;
    const bool series_goes_on = run.size() > 0 || !is_last;
    if (bundle_.bytes() >= kBundleBytes) RETURN_IF_ERROR(FlushBundle(series_goes_on));
  }
  return absl::OkStatus();
}

absl::Status ChunksWriter::AddChunk(const SampleColumns& samples, const SampleRun& part) {
  const std::span<const TimestampMs> times = TimesOf(samples, part);
  BundledChunk chunk;
  chunk.series = front_.num_series;
  chunk.kind = part.kind;
  chunk.time_column = time_columns_.Add(times);
  body_.clear();
  if (chunk.time_column == BundledChunk::kOwnTimes) {
    AppendTimeColumn(times, front_.range.min, &body_);
  }
  const size_t own_times = body_.size();
  size_t before_values = own_times;
  if (part.kind == ChunkKind::kFloat) {
    const auto values = std::span(samples.values).subspan(part.begin, part.size());
    AppendSummaryOf(times, values, chunk);
    before_values = body_.size();
    AppendValueColumn(values, Nesting::kOutermost, &body_);
  } else {
    RETURN_IF_ERROR(AppendHistogramColumn(samples.histograms, part.begin, part.end, &body_));
  }
  sizes_.own_times += own_times;
  sizes_.summaries += before_values - own_times;
  sizes_.values += body_.size() - before_values;
  chunk.body = body_;
  if (bundle_.empty()) bundle_key_ = BundleKey(chunk.series, times.front());
  bundle_.Add(chunk);
  ++front_.num_chunks;
  front_.num_samples += times.size();
  return absl::OkStatus();
}

// Where the values deserve a summary and have one.
void ChunksWriter::AppendSummaryOf(std::span<const TimestampMs> times,
                                   std::span<const double> values, BundledChunk& chunk) {
  if (values.size() < kMinSamplesForSummary) return;
  if (std::all_of(values.begin(), values.end(),
                  [&](double v) { return SameBits(v, values.front()); })) {
    return;
  }
  const std::optional<ChunkSummary> summary = Summarise(times, values);
  chunk.has_summary = summary.has_value();
  if (summary) AppendSummary(*summary, &body_);
}

absl::Status ChunksWriter::FlushBundle(bool series_goes_on) {
  sizes_.directories += bundle_.bytes() - bundle_.body_bytes();
  bundle_.Finish(series_goes_on, &value_);
  return file_->Put(bundle_key_, value_);
}

absl::Status ChunksWriter::WriteSpans() {
  const size_t page_bytes = 2 * kSeriesPerSpanPage;
  for (size_t begin = 0; begin < spans_.size(); begin += page_bytes) {
    RETURN_IF_ERROR(file_->Put(PageKey(ChunksKey::kSpans, static_cast<uint32_t>(begin / 2)),
                               std::string_view(spans_).substr(begin, page_bytes)));
  }
  return absl::OkStatus();
}

absl::Status ChunksWriter::Finish() {
  if (!bundle_.empty()) RETURN_IF_ERROR(FlushBundle(false));
  RETURN_IF_ERROR(time_columns_.WriteTo(*file_));
  RETURN_IF_ERROR(WriteSpans());
  front_.num_time_columns = time_columns_.num_columns();
  sizes_.time_columns = time_columns_.bytes();
  sizes_.spans = spans_.size();
  RETURN_IF_ERROR(file_->Put(FrontKey(), FormatChunksFront(front_)));
  return file_->Finish();
}

}  // namespace tidemark::tsdb
