#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/model/timestamp.h"
#include "tsdb/querier.h"

// What is stored of a chunk's values beside the values themselves: a few bytes where they are whole
// numbers or short decimals. Layout: docs/storage-format.md.
namespace tidemark::tsdb {

// Of one chunk; at least one sample. nullopt where a value, their sum or their increase is not a
// finite number.
std::optional<ChunkSummary> Summarise(std::span<const TimestampMs> timestamps,
                                      std::span<const double> values);
// The same of `count` samples that are all `value`, without the loop where the sum is exact.
std::optional<ChunkSummary> SummariseConstant(TimeRange range, uint32_t count, double value);

bool SameSummary(const ChunkSummary& a, const ChunkSummary& b);  // every bit

// Appends all but the range and the number of samples.
void AppendSummary(const ChunkSummary& summary, std::string* out);
// Fills all but the range and reads what AppendSummary wrote of a chunk of summary->num_samples
// samples; false where `bytes` does not start with such.
[[nodiscard]] bool ConsumeSummary(std::string_view& bytes, ChunkSummary* summary);

}  // namespace tidemark::tsdb
