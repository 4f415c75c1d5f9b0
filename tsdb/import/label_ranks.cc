#include "tsdb/import/label_ranks.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tidemark::tsdb {

std::vector<uint32_t> RankLabels(std::vector<LabelSet>& labels) {
  std::vector<uint32_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return labels[a] < labels[b]; });
  std::vector<LabelSet> sorted;
  std::vector<uint32_t> rank(labels.size());
  for (const uint32_t i : order) {
    if (sorted.empty() || sorted.back() != labels[i]) sorted.push_back(std::move(labels[i]));
    rank[i] = static_cast<uint32_t>(sorted.size() - 1);
  }
  labels = std::move(sorted);
  return rank;
}

}  // namespace tidemark::tsdb
