#include "tests/testing/test_blocks.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tests/testing/histogram_series.h"
#include "tsdb/block/block_writer.h"
#include "tsdb/merging_querier.h"

namespace tidemark::testing {

StoredSamples& AddSample(const LabelSet& labels, TimestampMs t, double value, StoredSamples& to) {
  to[labels].emplace(t, std::bit_cast<uint64_t>(value));
  return to;
}

StoredSamples MakeStoredSamples(int count, TimestampMs min, TimestampMs max, DurationMs step,
                                int seed) {
  StoredSamples samples;
  for (int i = 0; i < count; ++i) {
    const LabelSet labels = {{"__name__", "m"}, {"i", StrCat(i)}};
    for (TimestampMs t = min; t < max; t += step) {
      AddSample(labels, t, static_cast<double>(t * 100 + i) + seed * 0.001, samples);
    }
  }
  return samples;
}

absl::StatusOr<tsdb::BlockMeta> WriteBlock(const std::string& parent, tsdb::BlockMeta meta,
                                           const StoredSamples& samples) {
  if (meta.ulid.empty()) meta.ulid = tsdb::NewUlid(1'700'000'000'000);
  if (meta.compaction.sources.empty()) meta.compaction.sources = {meta.ulid};
  ASSIGN_OR_RETURN(std::unique_ptr<tsdb::BlockWriter> writer,
                   tsdb::BlockWriter::Create(parent, std::move(meta)));
  for (const auto& [labels, by_time] : samples) {
    SampleColumns columns;
    for (const auto& [t, bits] : by_time) {
      AddValue(labels, t, std::bit_cast<double>(bits), columns);
    }
    RETURN_IF_ERROR(writer->Add(labels, columns));
  }
  return writer->Finish();
}

absl::StatusOr<StoredSamples> ReadAll(const tsdb::Querier& querier) {
  ASSIGN_OR_RETURN(const std::unique_ptr<tsdb::SeriesSet> series, querier.Select({}, TimeRange()));
  StoredSamples samples;
  SampleColumns columns;
  for (size_t i = 0; i < series->size(); ++i) {
    RETURN_IF_ERROR(series->Read(i, columns));
    const LabelSet labels = series->labels(i);
    RETURN_IF_ERROR(ForEachValue(labels, columns, [&](TimestampMs t, double value) {
      AddSample(labels, t, value, samples);
    }));
  }
  return samples;
}

absl::Status Append(const StoredSamples& samples, tsdb::Appendable& to) {
  const std::unique_ptr<tsdb::Appender> appender = to.NewAppender();
  for (const auto& [labels, by_time] : samples) {
    ASSIGN_OR_RETURN(const SeriesRef ref, appender->GetOrCreate(labels));
    for (const auto& [t, bits] : by_time) {
      AppendValue(labels, ref, t, std::bit_cast<double>(bits), *appender);
    }
  }
  ASSIGN_OR_RETURN(const tsdb::CommitResult result,
                   appender->Commit(tsdb::CommitMode::kAllOrNothing));
  if (result.rejected.empty()) return absl::OkStatus();
  return absl::OutOfRangeError(
      ToAbsl(tsdb::RejectReasonText(result.rejected.front().reason)));
}

absl::StatusOr<StoredSamples> ReadBlocks(std::span<const std::shared_ptr<tsdb::Block>> blocks) {
  std::vector<std::shared_ptr<tsdb::Block>> by_age(blocks.begin(), blocks.end());
  std::sort(by_age.begin(), by_age.end(),
            [](const auto& a, const auto& b) { return a->meta().ulid < b->meta().ulid; });
  std::vector<std::unique_ptr<tsdb::Querier>> queriers;
  for (const auto& block : by_age) queriers.push_back(block->NewQuerier());
  const tsdb::MergingQuerier all(std::move(queriers));
  return ReadAll(all);
}

}  // namespace tidemark::testing
