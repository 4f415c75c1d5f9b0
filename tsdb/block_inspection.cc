#include "tsdb/block_inspection.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_reader.h"
#include "tsdb/merging_querier.h"
#include "tsdb/storage_format.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCacheBytes = size_t{32} << 20;

using Ranking = BlockAnalysis::Ranking;

void KeepTop(size_t limit, Ranking& ranking) {
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (ranking.size() > limit) ranking.resize(limit);
}

absl::StatusOr<std::vector<std::string>> BlockDirectories(const std::string& directory) {
  const std::string below = StrCat(directory, "/", kBlocksDirectory);
  std::error_code error;
  const std::string& blocks = fs::is_directory(below, error) ? below : directory;
  std::vector<std::string> directories;
  for (fs::directory_iterator it(blocks, error), end; !error && it != end; it.increment(error)) {
    if (IsUlid(it->path().filename().string())) directories.push_back(it->path().string());
  }
  if (error) return absl::NotFoundError(StrCat(blocks, ": ", error.message()));
  return directories;
}

// As promtool counts it: how much of the block's time the series with a pair or a name leave out.
absl::Status RankChurn(const Block& block, BlockAnalysis& analysis) {
  const double duration =
      static_cast<double>(block.meta().max_time) - static_cast<double>(block.meta().min_time);
  std::map<std::string, double> pairs, names;
  const std::unique_ptr<SeriesWalk> walk = block.NewWalk();
  SampleColumns samples;
  while (true) {
    ASSIGN_OR_RETURN(const bool any, walk->Next());
    if (!any) break;
    RETURN_IF_ERROR(walk->Read(samples));
    if (!samples.has_samples()) continue;
    const TimeRange extent = samples.Extent();
    const auto covered = static_cast<double>(extent.max - extent.min);
    const double uncovered = std::max(0.0, duration - covered);
    for (const LabelView& label : walk->labels()) {
      pairs[StrCat(label.name, "=", label.value)] += uncovered;
      names[std::string(label.name)] += uncovered;
    }
  }
  const auto rank = [duration](const std::map<std::string, double>& times, Ranking& ranking) {
    for (const auto& [name, uncovered] : times) {
      ranking.emplace_back(name, static_cast<uint64_t>(uncovered / duration));
    }
  };
  rank(pairs, analysis.churning_pairs);
  rank(names, analysis.churning_names);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<StoredBlock>> ListBlocks(const std::string& directory,
                                                    std::vector<std::string>* damages) {
  ASSIGN_OR_RETURN(const std::vector<std::string> directories, BlockDirectories(directory));
  std::vector<StoredBlock> blocks;
  for (const std::string& path : directories) {
    const auto block = Block::Open(path, nullptr);
    if (block.ok()) {
      blocks.push_back({(*block)->meta(), path, (*block)->disk_bytes()});
    } else {
      damages->emplace_back(ToStd(block.status().message()));
    }
  }
  std::sort(blocks.begin(), blocks.end(), [](const StoredBlock& a, const StoredBlock& b) {
    return std::tie(a.meta.min_time, a.meta.ulid) < std::tie(b.meta.min_time, b.meta.ulid);
  });
  return blocks;
}

absl::StatusOr<BlockAnalysis> AnalyzeBlock(const StoredBlock& block, size_t limit) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Block> opened, Block::Open(block.directory, nullptr));
  ASSIGN_OR_RETURN(const std::vector<Block::LabelPairStats> pairs, opened->LabelPairs());
  struct Values {
    uint64_t count = 0, bytes = 0;
  };
  std::map<std::string, Values> by_name;
  BlockAnalysis analysis;
  analysis.block = block;
  analysis.num_label_pairs = pairs.size();
  for (const Block::LabelPairStats& pair : pairs) {
    Values& values = by_name[pair.name];
    ++values.count;
    values.bytes += pair.value.size();
    analysis.num_label_entries += pair.num_series;
    analysis.common_pairs.emplace_back(StrCat(pair.name, "=", pair.value), pair.num_series);
    if (pair.name == kMetricName) {
      analysis.metric_cardinality.emplace_back(pair.value, pair.num_series);
    }
  }
  analysis.num_label_names = by_name.size();
  for (const auto& [name, values] : by_name) {
    analysis.label_cardinality.emplace_back(name, values.count);
    analysis.value_bytes.emplace_back(name, values.bytes);
  }
  RETURN_IF_ERROR(RankChurn(*opened, analysis));
  for (Ranking* ranking :
       {&analysis.churning_pairs, &analysis.churning_names, &analysis.common_pairs,
        &analysis.value_bytes, &analysis.label_cardinality, &analysis.metric_cardinality}) {
    KeepTop(limit, *ranking);
  }
  return analysis;
}

absl::Status VisitSeries(std::span<const StoredBlock> blocks, const Queryable* head,
                         TimeRange range, std::span<const std::vector<LabelMatcher>> selectors,
                         const SeriesVisitor& visitor) {
  const std::shared_ptr<BlockCache> cache = BlockCache::Create(kCacheBytes);
  std::vector<std::unique_ptr<Querier>> queriers;
  for (const StoredBlock& stored : blocks) {
    if (!stored.meta.range().Overlaps(range)) continue;
    ASSIGN_OR_RETURN(const std::shared_ptr<Block> block, Block::Open(stored.directory, cache));
    queriers.push_back(block->NewQuerier());
  }
  if (head != nullptr) queriers.push_back(head->NewQuerier());
  const MergingQuerier all(std::move(queriers));
  // A series that two selectors choose comes once.
  std::vector<std::unique_ptr<SeriesSet>> sets;
  std::vector<std::pair<const SeriesSet*, size_t>> series;
  for (const std::vector<LabelMatcher>& matchers : selectors) {
    ASSIGN_OR_RETURN(std::unique_ptr<SeriesSet> set, all.Select(matchers, range));
    for (size_t i = 0; i < set->size(); ++i) series.emplace_back(set.get(), i);
    sets.push_back(std::move(set));
  }
  const auto labels = [](const auto& s) { return s.first->labels(s.second); };
  if (selectors.size() > 1) {
    std::stable_sort(series.begin(), series.end(),
                     [&](const auto& a, const auto& b) { return labels(a) < labels(b); });
    series.erase(std::unique(series.begin(), series.end(),
                             [&](const auto& a, const auto& b) { return labels(a) == labels(b); }),
                 series.end());
  }
  SampleColumns samples;
  for (const auto& s : series) {
    RETURN_IF_ERROR(s.first->Read(s.second, samples));
    if (samples.has_samples()) RETURN_IF_ERROR(visitor(labels(s), samples));
  }
  return absl::OkStatus();
}

absl::Status VerifyBlock(const StoredBlock& block) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Block> opened, Block::Open(block.directory, nullptr));
  return opened->Verify();
}

}  // namespace tidemark::tsdb
