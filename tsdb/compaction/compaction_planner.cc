#include "tsdb/compaction/compaction_planner.h"

#include <algorithm>
#include <span>

namespace tidemark::tsdb {
namespace {

using Metas = std::span<const BlockMeta>;

std::vector<std::string> UlidsOf(Metas metas) {
  std::vector<std::string> ulids;
  for (const BlockMeta& meta : metas) ulids.push_back(meta.ulid);
  return ulids;
}

// The end of the aligned range of this length that `t` lies in; ranges are counted from the epoch.
TimestampMs RangeEnd(TimestampMs t, DurationMs length) {
  const DurationMs into = (t % length + length) % length;
  return SaturatingAdd(t, length - into);
}

// The first run of blocks each of which begins before an earlier one of the run ends.
Metas FirstOverlap(Metas metas) {
  for (size_t first = 0; first + 1 < metas.size(); ++first) {
    size_t end = first + 1;
    TimestampMs run_end = metas[first].max_time;
    while (end < metas.size() && metas[end].min_time < run_end) {
      run_end = std::max(run_end, metas[end++].max_time);
    }
    if (end - first > 1) return metas.subspan(first, end - first);
  }
  return {};
}

// The blocks from the first on that lie in the aligned range in which it begins; it alone where it
// reaches beyond that range.
Metas BlocksOfRange(Metas metas, DurationMs length) {
  const TimestampMs end = RangeEnd(metas[0].min_time, length);
  size_t n = 1;
  while (n < metas.size() && metas[n].max_time <= end) ++n;
  return metas[0].max_time <= end ? metas.first(n) : metas.first(1);
}

// The oldest aligned range of one of these lengths that holds several blocks and is complete: the
// blocks fill it, or the last of `metas` begins after them.
Metas FirstCompleteRange(Metas metas, std::span<const DurationMs> lengths) {
  for (const DurationMs length : lengths) {
    for (Metas rest = metas; !rest.empty();) {
      const Metas group = BlocksOfRange(rest, length);
      const bool fills = group.back().max_time - group.front().min_time == length;
      const bool is_past = group.back().max_time <= metas.back().min_time;
      if (group.size() > 1 && (fills || is_past)) return group;
      rest = rest.subspan(group.size());
    }
  }
  return {};
}

// Rewriting pays where much is gone: everything, or a part of a block that is large already. Small
// ones are about to be merged anyway.
bool IsWorthRewriting(const BlockMeta& meta, DurationMs large) {
  const BlockMeta::Stats& stats = meta.stats;
  if (stats.num_tombstones == 0) return false;
  if (stats.num_tombstones >= stats.num_series) return true;
  return meta.max_time - meta.min_time >= large && stats.num_tombstones * 20 > stats.num_series + 1;
}

}  // namespace

std::vector<DurationMs> BlockRanges(DurationMs min_range, DurationMs max_range) {
  std::vector<DurationMs> ranges = {min_range};
  while (ranges.back() <= max_range / 3) ranges.push_back(ranges.back() * 3);
  return ranges;
}

std::vector<std::string> PlanCompaction(const std::vector<BlockMeta>& metas,
                                        const std::vector<DurationMs>& ranges) {
  if (metas.empty()) return {};
  if (const Metas overlap = FirstOverlap(metas); !overlap.empty()) return UlidsOf(overlap);

  const Metas settled = Metas(metas).first(metas.size() - 1);
  const Metas group = FirstCompleteRange(settled, std::span(ranges).subspan(1));
  if (!group.empty()) return UlidsOf(group);

  const DurationMs large = ranges[ranges.size() / 2];
  for (const BlockMeta& meta : settled) {
    if (IsWorthRewriting(meta, large)) return {meta.ulid};
  }
  return {};
}

std::vector<std::string> PlanRetention(const std::vector<SizedBlock>& blocks,
                                       const RetentionLimits& limits, uint64_t other_bytes,
                                       TimestampMs newest) {
  std::vector<const SizedBlock*> newest_first;
  for (const SizedBlock& block : blocks) newest_first.push_back(&block);
  std::sort(newest_first.begin(), newest_first.end(), [](const auto* a, const auto* b) {
    return a->meta.max_time != b->meta.max_time ? a->meta.max_time > b->meta.max_time
                                                : a->meta.ulid > b->meta.ulid;
  });
  const TimestampMs horizon =
      limits.duration == 0 ? kMinTimestamp : SaturatingSubtract(newest, limits.duration);
  std::vector<std::string> taken;
  uint64_t kept_bytes = other_bytes;
  for (const SizedBlock* block : newest_first) {
    const bool is_old = block->meta.max_time <= horizon;
    const bool is_too_much =
        limits.max_bytes != 0 && (!taken.empty() || kept_bytes + block->bytes > limits.max_bytes);
    if (is_old || is_too_much) {
      taken.push_back(block->meta.ulid);
    } else {
      kept_bytes += block->bytes;
    }
  }
  return taken;
}

}  // namespace tidemark::tsdb
